/** A listening transport with a sink behind it, and clients that are closed with it. */
import type * as http2 from 'node:http2';
import { createCounters } from '../../src/ingest/counters.ts';
import type { IngestCounters } from '../../src/ingest/counters.ts';
import { DEFAULT_LIMITS } from '../../src/ingest/limits.ts';
import { acceptInto } from '../../src/ingest/session.ts';
import type { Pace } from '../../src/ingest/surroundings.ts';
import type { ListenAddress, Transport, TransportLimits } from '../../src/ingest/transport.ts';
import { DEFAULT_TRANSPORT, loadTransport } from '../../src/ingest/transports.ts';
import type { TransportKind } from '../../src/ingest/transports.ts';
import { TestSink } from './capture-sink.ts';
import { connectTo } from './extproc-client.ts';
import { ManualTime } from './manual-time.ts';

export const ANY_PORT: ListenAddress = { kind: 'tcp', host: '127.0.0.1', port: 0 };

export interface TestIngest {
  readonly sink: TestSink;
  readonly counters: IngestCounters;
  readonly time: ManualTime;
  readonly transport: Transport;
  readonly address: ListenAddress;
  readonly connect: () => http2.ClientHttp2Session;
  close(): Promise<void>;
}

export async function startTestIngest(
  limits: Partial<TransportLimits> = {},
  listen: ListenAddress = ANY_PORT,
  kind: TransportKind = DEFAULT_TRANSPORT,
  pace?: Pace,
): Promise<TestIngest> {
  const sink = new TestSink();
  const counters = createCounters();
  const time = new ManualTime();
  const create = (await loadTransport(kind))({ counters, clock: time, schedule: time.schedule, ...(pace && { pace }) });
  const transport = create(acceptInto(sink, counters), { ...DEFAULT_LIMITS, ...limits });
  const address = await transport.listen(listen);
  const sessions: http2.ClientHttp2Session[] = [];
  const connect = (): http2.ClientHttp2Session => {
    const session = connectTo(address);
    sessions.push(session);
    return session;
  };
  const close = async (): Promise<void> => {
    for (const session of sessions) session.destroy();
    await transport.close();
  };
  return { sink, counters, time, transport, address, connect, close };
}
