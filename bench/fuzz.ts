// What a hostile peer may send, a million times: does anything throw, hang, grow or go uncounted, and is a healthy sidecar beside it recorded?
//   npm run fuzz -- --messages 1000000 --seed 7 [--only sink,conversations,receive,wire,files] [-o json]
// `conversations` are real captures of each database protocol, bent: `--mutations 100000` for each.
// `sink` is ingest, recorder, assembly, verdict and view in this process; `receive` is what HTTP/2 hears of connections of a
// real Envoy, bent, and of any bytes: the same however they are cut. `wire` is loopd as a process of its own under attack; `files` are
// `.loop` files. The same seed sends the same again, but for the keys of redaction and for what takes time. Exit code 1 when anything is amiss.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FileFuzzReport } from '../test/support/fuzz/loop-files.ts';
import { fuzzLoopFiles } from '../test/support/fuzz/loop-files.ts';
import { Random } from '../test/support/fuzz/random.ts';
import type { SiegeReport } from '../test/support/fuzz/siege.ts';
import { besiege } from '../test/support/fuzz/siege.ts';
import { capturedProtocols } from '../test/support/fuzz/conversations.ts';
import type { ReceiveFuzzReport } from '../test/support/fuzz/receive.ts';
import { fuzzReceive } from '../test/support/fuzz/receive.ts';
import type { SinkFuzzOptions, SinkFuzzReport } from '../test/support/fuzz/sink.ts';
import { fuzzSink } from '../test/support/fuzz/sink.ts';

const EVERY = 100_000;
/** Files for so many messages. */
const MESSAGES_PER_FILE = 100;
/** Connections that are heard twice, whole and cut, for so many messages. */
const MESSAGES_PER_CONNECTION = 500;
/** A single step that takes longer holds the ingest thread, or the main thread, for too long. Milliseconds of that thread. */
const LONGEST_MS = 3_000;
/** From the first sample to the last: what is live may not grow with the messages. */
const GROWTH_MB = 64;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    mutations: { type: 'string', default: '100000' },
    only: { type: 'string', default: 'sink,conversations,receive,wire,files' },
    output: { type: 'string', short: 'o', default: 'text' },
  },
});
const messages = Number(values.messages);
const seed = Number(values.seed);
const chosen = new Set(values.only.split(','));
const json = values.output === 'json';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Sample {
  readonly messages: number;
  readonly seconds: number;
  readonly residentMb: number;
  /** After a collection: what is live. */
  readonly heapMb: number;
  readonly buffersMb: number;
}

const escaped: string[] = [];
process.on('uncaughtException', (error) => escaped.push(`uncaught: ${String(error)}`));
process.on('unhandledRejection', (error) => escaped.push(`unhandled: ${String(error)}`));

async function main(): Promise<boolean> {
  const began = performance.now();
  const sink = chosen.has('sink') ? await sinkInPieces(began) : undefined;
  const bent = chosen.has('conversations') ? await bentConversations(began) : {};
  const receive = chosen.has('receive')
    ? fuzzReceive(new Random(seed), Math.ceil(messages / MESSAGES_PER_CONNECTION))
    : undefined;
  const files = chosen.has('files')
    ? await fuzzLoopFiles(new Random(seed), Math.ceil(messages / MESSAGES_PER_FILE))
    : undefined;
  const wire = chosen.has('wire') ? await besiege(seed, undefined, say) : undefined;
  const amiss = [
    ...escaped,
    ...(sink ? wrongIn(sink) : []),
    ...Object.entries(bent).flatMap(([protocol, one]) => wrongIn(one).map((what) => `${protocol}: ${what}`)),
    ...(receive ? wrongInReceive(receive) : []),
    ...(files ? Object.keys(files.thrown) : []),
    ...(wire ? wrongOnWire(wire) : []),
  ];
  const result = {
    ok: amiss.length === 0,
    seed,
    seconds: Math.round((performance.now() - began) / 1000),
    amiss,
    sink,
    conversations: bent,
    receive,
    files,
    wire,
  };
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : describe(result));
  return result.ok;
}

type Sink = SinkFuzzReport & { readonly memory: readonly Sample[] };

async function bentConversations(began: number): Promise<Readonly<Record<string, Sink>>> {
  const bent: Record<string, Sink> = {};
  for (const protocol of capturedProtocols())
    bent[protocol] = await sinkInPieces(began, { messages: Infinity, mutations: Number(values.mutations), protocol });
  return bent;
}

async function sinkInPieces(began: number, more: Partial<SinkFuzzOptions> = {}): Promise<Sink> {
  const memory: Sample[] = [sampleAt(0, began)];
  const report = await fuzzSink({
    seed,
    messages,
    ...more,
    every: EVERY,
    progress: (so) => {
      memory.push(sampleAt(so.messages, began));
      say(`${JSON.stringify(memory.at(-1))} exact ${so.exact} slowest ${JSON.stringify(so.slowest)}`);
      for (const what of Object.keys(so.thrown)) say(`  thrown: ${what}`);
    },
  });
  return { ...report, memory: [...memory, sampleAt(report.messages, began)] };
}

function sampleAt(sent: number, began: number): Sample {
  collectGarbage();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const mb = (bytes: number): number => Math.round(bytes / 1e6);
  return {
    messages: sent,
    seconds: Math.round((performance.now() - began) / 1000),
    residentMb: mb(rss),
    heapMb: mb(heapUsed),
    buffersMb: mb(arrayBuffers),
  };
}

function wrongIn({ thrown, exact, counted, fates, slowest, left, memory }: Sink): readonly string[] {
  const [, first] = memory;
  const last = memory.at(-1);
  const grown = first && last ? last.heapMb + last.buffersMb - first.heapMb - first.buffersMb : 0;
  const { segments, bytes } = fates.received;
  return [
    ...Object.entries(thrown).map(([what, { times, first: at }]) => `thrown ${times} times: ${what} (${at})`),
    ...(exact ? [] : ['the fates are not the sum of what was received']),
    ...(segments === counted.segments && bytes === counted.bytes
      ? []
      : [`received ${segments} segments of ${counted.segments}, ${bytes} bytes of ${counted.bytes}`]),
    ...Object.entries(slowest).flatMap(([where, ms]) => (ms > LONGEST_MS ? [`a step took ${ms} ms: ${where}`] : [])),
    ...Object.entries(left ?? {}).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what} are left`])),
    ...(grown > GROWTH_MB ? [`what is live has grown by ${grown} MB`] : []),
  ];
}

function wrongInReceive({ thrown, slowestMs }: ReceiveFuzzReport): readonly string[] {
  return [
    ...Object.entries(thrown).map(([what, { times, first }]) => `received ${times} times: ${what} (${first})`),
    ...(slowestMs > LONGEST_MS ? [`a connection took ${slowestMs} ms`] : []),
  ];
}

function wrongOnWire({ ok, healthy, connectionsLeft, callsLeft, exact }: SiegeReport): readonly string[] {
  return ok
    ? []
    : [
        `on the wire: ${healthy.missing} healthy exchanges missing, ${connectionsLeft} connections and ${callsLeft} calls left, sum exact: ${exact}`,
      ];
}

interface Result {
  readonly ok: boolean;
  readonly amiss: readonly string[];
  readonly sink: Sink | undefined;
  readonly conversations: Readonly<Record<string, Sink>>;
  readonly receive: ReceiveFuzzReport | undefined;
  readonly files: FileFuzzReport | undefined;
  readonly wire: SiegeReport | undefined;
}

function describe({ ok, amiss, sink, conversations, receive, files, wire }: Result): string {
  const counts = (of: object): string =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${String(count)}`)
      .join(', ');
  const lines = [
    ...(sink ? [`sink: ${sink.messages} messages, ${sink.calls} calls: ${counts(sink.outcomes)}`] : []),
    ...(sink
      ? [
          `  segments: ${counts(Object.fromEntries(Object.entries(sink.fates).map(([name, tally]) => [name, (tally as { segments: number }).segments])))}`,
        ]
      : []),
    ...(sink ? [`  slowest step in ms: ${counts(sink.slowest)}`] : []),
    ...(sink?.memory.map((sample) => `  memory: ${counts(sample)}`) ?? []),
    ...Object.entries(conversations).map(
      ([protocol, one]) =>
        `${protocol}: ${one.mutations} mutations in ${one.messages} messages: ${counts(one.outcomes)}; slowest ${counts(one.slowest)}`,
    ),
    ...(receive
      ? [`receive: ${receive.connections} connections: ${counts(receive.outcomes)}; slowest ${receive.slowestMs} ms`]
      : []),
    ...(files ? [`files: ${files.files}: ${counts(files.outcomes)}; slowest ${files.slowestMs} ms`] : []),
    ...(wire
      ? [
          `wire: ${Object.keys(wire.attacks).length} attacks; of ${wire.healthy.sent} healthy exchanges ${wire.healthy.missing} are missing`,
        ]
      : []),
    ...amiss.map((what) => `AMISS ${what}`),
    ok ? 'nothing amiss' : `${amiss.length} amiss`,
  ];
  return `${lines.join('\n')}\n`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await main().then(
  (ok) => (ok ? 0 : 1),
  (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  },
);
