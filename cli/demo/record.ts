/** The first half of the demo: traffic on its stage, and what was kept of it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TrafficReport } from '../../examples/shop/run/traffic.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import { createClient } from '../../src/api/client/client.ts';
import { ApiError } from '../../src/api/error.ts';
import type { LoopApi } from '../../src/api/port.ts';
import { systemClock } from '../../src/daemon/clock.ts';
import type { Loopd } from '../../src/daemon/loopd.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { startStage, type StageOptions } from './stage.ts';

export interface RecordOptions extends StageOptions {
  readonly requests: number;
  readonly perSecond: number;
}

export interface Recorded {
  readonly traffic: TrafficReport;
  /** Newest first. */
  readonly failures: readonly LoopSummary[];
  /** The one that is replayed. */
  readonly chosen: LoopSummary;
  /** Its view, as JSON text. */
  readonly view: string;
  /** It, as a `.loop` file. */
  readonly file: Uint8Array;
  /** Transactions. */
  readonly tossed: number;
}

/** How long the last failure may take to be listed after its answer. */
const LISTED_WITHIN_MS = 15_000;

/** When it returns, the shop, its sidecars, its database, its cache and loopd are stopped. */
export async function record(options: RecordOptions): Promise<Recorded> {
  const since = systemClock().now();
  await using stage = await startStage(options);
  const { loopd, shop } = stage;
  const traffic = await send(shop.entryUrl, options);
  return await collect(loopd, traffic, since); // Awaited here: returning disposes of what it asks.
}

async function send(entryUrl: string, { requests, perSecond, say }: RecordOptions): Promise<TrafficReport> {
  say(
    `sending ${requests} requests: browsing, carts, orders; some for what does not exist, some without a valid token`,
  );
  const step = Math.max(1, Math.floor(requests / 6));
  const onProgress = (sent: number, failed: number): void => {
    if (sent % step === 0) say(`  ${sent} sent, ${failed} failed`);
  };
  return sendTraffic({ entryUrl, requests, perSecond, onProgress });
}

async function collect(loopd: Loopd, traffic: TrafficReport, since: number): Promise<Recorded> {
  const api = createClient({ url: loopd.apiUrl, token: loopd.token });
  const failures = await failuresSince(api, since, traffic.failed.length);
  // On a crowded machine a sidecar may have bypassed the recorder for a moment: a whole recording of the bug teaches most.
  const chosen = failures.find(isWholeBug) ?? failures[0];
  if (chosen === undefined) {
    throw new ApiError(
      'not-found',
      'None of the requests failed, so there is nothing to replay.',
      'Send more: --requests 1000.',
    );
  }
  const { view } = await api.show(chosen.id);
  const file = await api.recording(chosen.id, { open: true });
  return { traffic, failures, chosen, view, file, tossed: await tossedTransactions(loopd) };
}

function isWholeBug({ origin, service, holes }: LoopSummary): boolean {
  return origin?.service === 'pricing' && service === 'gateway' && holes.length === 0;
}

/** A loop is listed once its transaction is quiet: waits for as many as the customers saw fail. */
async function failuresSince(api: LoopApi, since: number, expected: number): Promise<readonly LoopSummary[]> {
  const deadline = AbortSignal.timeout(LISTED_WITHIN_MS);
  for (;;) {
    const { loops } = await api.list({ purpose: 'failure', limit: 500, since });
    if (loops.length >= expected || deadline.aborted) return loops;
    await delay(200);
  }
}

/** The ingest thread tells its numbers every second; those of the moment come with the next report but one. */
async function tossedTransactions(loopd: Loopd): Promise<number> {
  const before = loopd.stats();
  const deadline = AbortSignal.timeout(5_000);
  let after = before;
  for (let fresh = 0; fresh < 2 && !deadline.aborted;) {
    await delay(50);
    if (loopd.stats() !== after) {
      after = loopd.stats();
      fresh += 1;
    }
  }
  return after?.recorder.tossedTransactions ?? 0;
}
