import { afterEach, expect, test } from 'vitest';
import { startIngest } from '../../../src/ingest/client.ts';
import type { IngestHandle, IngestStats } from '../../../src/ingest/client.ts';
import { CEILING_MS, ORDERED_CEILING_MS } from '../../../src/ingest/pacing.ts';
import { connectTo, EnvoyCall } from '../../support/extproc-client.ts';
import * as envoy from '../../support/extproc.ts';
import { ANY_PORT } from '../../support/ingest.ts';
import { until } from '../../support/until.ts';

/** Several reports of a thread: one comes each second. */
const WITHIN_MS = 7000;
const METADATA = { 'x-loop-service': 'shop', 'x-loop-instance': 'shop-1' };

let cleanup: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanup.toReversed()) await step();
  cleanup = [];
});

/** An ingest thread that hears one exchange after another, and how long it has slept at a time between its last two reports, ms. */
async function listening(): Promise<{ handle: IngestHandle; sleepMs: () => number }> {
  const reports: IngestStats['counters']['paced'][] = [];
  const handle = await startIngest(
    { listen: [ANY_PORT], recorder: { ringBytes: 4 << 20 } },
    {
      onPart: () => undefined,
      onInspection: () => undefined,
      onStats: ({ counters }) => void reports.push({ ...counters.paced }),
      onFailure: (error) => {
        throw error;
      },
    },
  );
  cleanup.push(() => handle.stop());
  const session = connected(handle);
  const traffic = setInterval(() => {
    const trace = { traceparent: `00-${crypto.randomUUID().replaceAll('-', '')}-00f067aa0ba902b7-01` };
    new EnvoyCall(session, { ...METADATA, 'x-loop-direction': 'inbound' })
      .send(envoy.requestHeaders({ ':method': 'GET', ':path': '/', ...trace }, { endOfStream: true }))
      .send(envoy.responseHeaders({ ':status': '200' }, { endOfStream: true }))
      .finish();
  }, 5);
  cleanup.push(() => clearInterval(traffic));
  return {
    handle,
    sleepMs: () => {
      const [one, other] = reports.slice(-2);
      return one === undefined || other === undefined ? 0 : (other.ms - one.ms) / (other.sleeps - one.sleeps);
    },
  };
}

function connected(handle: IngestHandle): ReturnType<typeof connectTo> {
  const [address] = handle.addresses;
  if (address === undefined) throw new Error('It does not listen.');
  const session = connectTo(address);
  cleanup.push(() => session.destroy());
  return session;
}

test('the thread sleeps long, and short as soon as a connection to a database is recorded', async () => {
  const { handle, sleepMs } = await listening();
  await until(sleepMs, (ms) => ms >= CEILING_MS, WITHIN_MS);
  new EnvoyCall(connected(handle), { ...METADATA, 'x-loop-direction': 'outbound', 'x-loop-protocol': 'postgres' }).send(
    envoy.requestHeaders({ ':method': 'CONNECT', ':authority': 'db' }),
    envoy.requestBody('Q'),
  );
  const short = await until(sleepMs, (ms) => ms < CEILING_MS / 2, WITHIN_MS);
  // Not by nothing: a burst of a busy machine cuts single sleeps short.
  expect(short).toBeGreaterThan(ORDERED_CEILING_MS / 2);
});
