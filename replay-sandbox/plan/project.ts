/** `loop.yaml` in the user's repository: how each of its services is run. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ReplayError } from '../error.ts';

const PORT = z.number().int().min(1).max(65_535);

const SERVICE = z
  .strictObject({
    /** Directory of the service, from loop.yaml's own. */
    directory: z.string().default('.'),
    /** Used when none is given after `--`. */
    command: z.array(z.string()).min(1).optional(),
    /** Port the service listens on. */
    port: PORT,
    /** Path that answers 2xx once the service is ready; without it, ready is when the port accepts. */
    ready: z.string().startsWith('/').optional(),
    // Behind a zero byte another variable would begin.
    env: z
      .record(z.string().regex(/^[^\0=]+$/), z.string().regex(/^[^\0]*$/, 'a zero byte is no part of a variable'))
      .default({}),
    /** Ports of the service's own loopback that stand for a recorded peer, as a sidecar's local listeners do: `15432: postgres`. */
    loopback: z.record(z.string().regex(/^\d+$/), z.string()).default({}),
    /** Other names of recorded peers here: `pg.local: postgres.shop`, `localhost:5433: postgres.shop:5432`. */
    map: z.record(z.string(), z.string()).default({}),
    /** Secrets of the shell or of a file that reach the service as they are, by name. */
    keep: z.array(z.string()).default([]),
    /** What runs here, where git does not know it: an image's label. */
    version: z.string().optional(),
  })
  .readonly();

const PROJECT = z.strictObject({ version: z.literal(1), services: z.record(z.string(), SERVICE) });

export type ServiceSettings = z.infer<typeof SERVICE>;

export interface Project {
  /** Directory of loop.yaml. */
  readonly directory: string;
  readonly services: Readonly<Record<string, ServiceSettings>>;
}

const FILE = 'loop.yaml';

/** The nearest loop.yaml at or above a directory; undefined when there is none. Throws ReplayError `bad-config`, naming line and key. */
export function findProject(from: string): Project | undefined {
  const text = readIfThere(join(from, FILE));
  if (text !== undefined) return { directory: from, services: parseProject(text, join(from, FILE)) };
  const above = dirname(from);
  return above === from ? undefined : findProject(above);
}

export function parseProject(text: string, file: string): Project['services'] {
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new ReplayError(
      'bad-config',
      `${file} is no valid YAML: ${broken.message.split('\n')[0] ?? ''}`,
      'Mend the line it names.',
    );
  const parsed = PROJECT.safeParse(plainValue(document, file));
  if (parsed.success) return parsed.data.services;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'top level'}: ${issue.message}`);
  throw new ReplayError(
    'bad-config',
    `${file} does not say how to run the services: ${issues.join('; ')}`,
    'See "Replay" in the README for an example.',
  );
}

/** Aliases are not resolved: a few lines of them can stand for gigabytes. */
function plainValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new ReplayError('bad-config', `${file} has an alias (*name).`, 'Write out what it stands for.', { cause });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ReplayError('bad-config', `${path} cannot be read: ${String(error)}`, 'Check its permissions.', {
      cause: error,
    });
  }
}
