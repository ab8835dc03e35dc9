/** What loopd can be told, with its defaults. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ACCESS } from '../access/config.ts';
import { CAPTURE_LIMITS, USERS } from '../captures/places.ts';
import { SHARDS } from '../domain/shard.ts';
import { MOST_RING_BYTES } from '../recorder/ring.ts';
import { REDACTION } from '../seal/rules.ts';
import { accessWithPaths } from './access.ts';
import { DaemonError } from './error.ts';
import { SUPPORT, supportWithPaths } from './support.ts';

const MIB = 1024 * 1024;
const PORT = z.number().int().min(0).max(65_535);

export const CONFIG = z.strictObject({
  /** Key file, token, store, sink socket. */
  data: z.string(),
  sink: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      /** 0: any free one. */
      port: PORT.default(5678),
      /** Unix socket for sidecars of this machine; empty: none. By default sink.sock in the data directory. */
      socket: z.string().optional(),
      /**
       * One address for each of 16 groups of instances, `loopctl envoy config --sink-shards` says which: by default with several workers, which
       * share them out. Sockets: sink.sock, sink-1.sock to sink-15.sock.
       */
      shards: z.boolean().optional(),
      /** When loopd is told to stop, so long is waited for exchanges that are open to end by themselves, ms. */
      drainMs: z.number().int().min(0).max(60_000).default(5000),
      /** TLS on its ports, PEM; paths from the directory of the configuration file. They are read again when they change. */
      tls: z
        .strictObject({
          cert: z.string().min(1),
          key: z.string().min(1),
          /** With it only sidecars that show a certificate of these authorities may speak. */
          clientCa: z.string().min(1).optional(),
        })
        .optional(),
      /** `grpc-js`: the library in place of our own transport, to compare; slower by far, and without TLS. */
      transport: z.enum(['http2', 'grpc-js']).default('http2'),
      /** The same over TCP: first of 16 ports in a row; 0: any free ones. None by default. */
      shardPort: PORT.optional(),
    })
    .prefault({}),
  api: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: PORT.default(5679),
      hosts: z.array(z.string()).default([]),
      /** Where people reach it, when that is not where it listens: links lead there. */
      url: z.url({ protocol: /^https?$/ }).optional(),
    })
    .prefault({}),
  recorder: z
    .strictObject({
      /** Threads that take in what sidecars send, each on a core of its own; memory is divided among them. */
      workers: z
        .number()
        .int()
        .min(1)
        .max(Math.min(SHARDS, availableParallelism()), 'at most one for each processor that loopd may use')
        .default(1),
      /** Memory of the flight recorder, bytes. How far back it reaches is the metric loop_recorder_history_seconds. */
      ringBytes: z
        .number()
        .int()
        .min(MIB)
        .max(MOST_RING_BYTES)
        .default(64 * MIB),
      /** On disk behind it, bytes: what age pushes out of memory, encrypted under a key that is never written. None by default. */
      history: z
        .strictObject({
          bytes: z
            .number()
            .int()
            .min(4 * MIB),
        })
        .optional(),
      /** Of one body that is kept, bytes; the rest is marked as cut. */
      bodyBytes: z
        .number()
        .int()
        .min(0)
        .default(16 * MIB),
      /** Whether bodies, then transactions, are given up when there is more to do than the sink can. Without, live traffic waits for it. */
      shedding: z.boolean().default(true),
      /** A transaction is quiet when nothing of it came for so long, ms. */
      settleMs: z.number().int().min(1).default(1000),
    })
    .prefault({}),
  /** Whole loops kept per fingerprint and hour; the rest are counted. */
  loopsPerHour: z.number().int().min(1).default(20),
  /** Recordings that began longer ago are deleted. */
  retentionDays: z.number().min(0).default(7),
  /** `none`: not even sealed: what is stored has tokens where somebody's data was, and replays as far as that goes. */
  originals: z.enum(['sealed', 'none']).default('sealed'),
  /** File with rules of one's own (docs/CONFIGURATION.md, "Rules"); path from the directory of the configuration file. */
  rules: z.string().min(1).optional(),
  /** Where the id of a user stands in a request, and where a session does: for captures, and for counts of users. */
  users: USERS.prefault({}),
  /** How much captures may take. */
  captures: CAPTURE_LIMITS.prefault({}),
  /** What is hidden on top of the built-in names and detectors, and what is left alone. */
  redaction: REDACTION.prefault({}),
  /** Who may see what (docs/CONFIGURATION.md, "Who may see"). */
  access: ACCESS.prefault({}),
  /** Tools whose pages may show the support button (docs/SUPPORT.md). */
  support: SUPPORT.prefault({}),
  /** Tools for coding agents, at /mcp (docs/AGENTS.md). */
  mcp: z
    .strictObject({
      /** Whether they read bodies as they were, for whoever may open them; an agent passes on what it reads. */
      originals: z.boolean().default(false),
    })
    .prefault({}),
  protobuf: z
    .strictObject({
      /** Files with a FileDescriptorSet each; paths from the directory of the configuration file. */
      descriptors: z.array(z.string()).max(64).default([]),
    })
    .prefault({}),
});

/** What each key alone does not show: addresses that would be taken twice, or that a worker would be without. */
function checkPorts({ value, issues }: z.core.ParsePayload<Config>): void {
  const { sink, api, recorder } = value;
  const say = (key: string, message: string): void =>
    void issues.push({ code: 'custom', input: value, path: ['sink', key], message });
  if (sink.shards === false && recorder.workers > 1)
    say('shards', `false leaves ${recorder.workers - 1} of ${recorder.workers} workers without an address`);
  if (sink.shardPort === undefined || sink.shardPort === 0) return;
  const last = sink.shardPort + (sink.shards === false ? 0 : SHARDS - 1);
  if (last > 65_535) say('shardPort', `the last of ${SHARDS} ports would be ${last}; there are 65535`);
  for (const [key, port] of [
    ['sink.port', sink.port],
    ['api.port', api.port],
  ] as const)
    if (port >= sink.shardPort && port <= last)
      say('shardPort', `${key} ${port} is one of the ports ${sink.shardPort} to ${last}`);
}

export type Config = z.infer<typeof CONFIG>;

/** Throws DaemonError `bad-config` naming line or key. */
export function readConfig(file: string | undefined, overrides: z.input<typeof CONFIG>): Config {
  const written = file === undefined ? {} : readYaml(file);
  const parsed = CONFIG.check(checkPorts).safeParse({ ...written, ...overrides });
  if (parsed.success) return withPaths(parsed.data, file);
  const issues = parsed.error.issues
    .map((issue) => `${issue.path.join('.') || 'top level'}: ${issue.message}`)
    .join('; ');
  throw new DaemonError(
    'bad-config',
    `The configuration${file === undefined ? '' : ` ${file}`} is not right: ${issues}.`,
    'docs/CONFIGURATION.md lists every key.',
  );
}

function withPaths(config: Config, file: string | undefined): Config {
  const base = file === undefined ? '.' : dirname(file);
  const rules = config.rules === undefined ? {} : { rules: resolve(base, config.rules) };
  const { tls } = config.sink;
  const resolved = tls && {
    cert: resolve(base, tls.cert),
    key: resolve(base, tls.key),
    ...(tls.clientCa !== undefined && { clientCa: resolve(base, tls.clientCa) }),
  };
  return {
    ...config,
    ...rules,
    sink: { ...config.sink, ...(resolved && { tls: resolved }) },
    access: accessWithPaths(config.access, base),
    support: supportWithPaths(config.support, base),
    protobuf: { descriptors: config.protobuf.descriptors.map((path) => resolve(base, path)) },
  };
}

function readYaml(file: string): object {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new DaemonError(
      'bad-config',
      `The configuration ${file} cannot be read: ${String(error)}.`,
      'Check the path given with --config.',
      { cause: error },
    );
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new DaemonError(
      'bad-config',
      `${file} is no valid YAML: ${broken.message.split('\n')[0] ?? ''}`,
      'Mend the line it names.',
    );
  const value = plainValue(document, file) ?? {};
  if (typeof value === 'object') return value;
  throw new DaemonError('bad-config', `${file} has no keys.`, 'docs/CONFIGURATION.md lists every key.');
}

/** Aliases are not resolved: a few lines of them can stand for gigabytes. */
function plainValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new DaemonError('bad-config', `${file} has an alias (*name).`, 'Write out what it stands for.', { cause });
  }
}
