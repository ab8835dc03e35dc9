// One of the servers that bench:ingest measures, as a process of its own: a transport with the whole recorder behind it.
//   node bench/ingest/server.ts http2 /tmp/sink.sock [bytes of the index]
// Says "ready" when it listens; answers each line on stdin with its counts as one line of JSON; ends with stdin.
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { parseRecorderId } from '../../src/domain/ids.ts';
import { startIngest } from '../../src/ingest/client.ts';
import type { IngestHandle, IngestStats } from '../../src/ingest/client.ts';
import { createCounters } from '../../src/ingest/counters.ts';
import type { TransportKind } from '../../src/ingest/transports.ts';
import { acceptInto } from '../../src/ingest/session.ts';
import type { RecorderLimits } from '../../src/recorder/options.ts';
import { Recorder } from '../../src/recorder/recorder.ts';
import { nodeHttp2 } from './node-http2.ts';
import { countsOf } from './counts.ts';
import type { SinkCounts } from './counts.ts';

interface Served {
  /** As they are now, within a second. */
  counts(): Promise<SinkCounts>;
  stop(): Promise<void>;
}

/** loopd's ingest thread with its defaults, but for its index; nobody stores what it keeps. */
async function worker(transport: TransportKind, path: string, recorder: Partial<RecorderLimits>): Promise<Served> {
  let heard = Promise.withResolvers<IngestStats>();
  const ingest: IngestHandle = await startIngest(
    { listen: [{ kind: 'unix', path }], transport, recorder },
    {
      onPart: () => undefined,
      onInspection: ({ recorder, id }) => ingest.inspected({ recorder, id, keep: false }),
      onStats: (stats) => {
        heard.resolve(stats);
        heard = Promise.withResolvers();
      },
      onFailure: (error) => {
        throw error;
      },
    },
  );
  return {
    counts: async () => countsOf(await heard.promise),
    stop: () => ingest.stop(),
  };
}

async function inProcess(path: string): Promise<Served> {
  const recorderId = parseRecorderId(randomBytes(8).toString('hex'));
  if (recorderId === undefined) throw new Error('Eight random bytes are a recorder id.');
  const recorder = new Recorder({
    recorderId,
    clock: { now: () => performance.timeOrigin + performance.now() },
    schedule: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    emit: () => undefined,
  });
  const counters = createCounters();
  const server = nodeHttp2(acceptInto(recorder, counters), counters);
  await server.listen(path);
  const heapBytes = (): number => process.memoryUsage().heapUsed;
  return {
    counts: () => Promise.resolve(countsOf({ counters, recorder: recorder.stats(), heapBytes: heapBytes() })),
    stop: async () => {
      server.close();
      recorder.close();
    },
  };
}

const [kind = '', path = '', indexBytes] = process.argv.slice(2);
const limits = indexBytes === undefined ? {} : { indexBytes: Number(indexBytes) };
const served = await (kind === 'node-http2'
  ? inProcess(path)
  : worker(kind === 'grpc-js' ? 'grpc-js' : 'http2', path, limits));
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin }))
  if (line !== '') process.stdout.write(`${JSON.stringify(await served.counts())}\n`);
await served.stop();
process.exit(0);
