// The shop under load for minutes: are its loops its services' ledgers, whole, and is every message accounted for? What does loopd take meanwhile?
//   LOOP_ENVOY=… node bench/soak.ts --minutes 5 --rate 50
// Progress on stderr; one JSON object on stdout at the end. Exit code 1 when anything is amiss.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DEFAULT_MIX } from '../examples/shop/run/deck.ts';
import { startShop } from '../examples/shop/run/shop.ts';
import type { Shop } from '../examples/shop/run/shop.ts';
import { sendTraffic } from '../examples/shop/run/traffic.ts';
import type { TrafficReport } from '../examples/shop/run/traffic.ts';
import type { ChildLoopd } from '../test/support/child-loopd.ts';
import { startChildLoopd } from '../test/support/child-loopd.ts';
import { envoyPath } from '../test/support/envoy.ts';
import { redisPath } from '../test/support/redis.ts';
import { differences, failedTraces, unmatched } from '../test/support/shop-ledger.ts';
import { sidecarCounts } from '../test/support/shop-sidecars.ts';
import { allFailures, openLoop } from '../test/support/test-loopd.ts';
import { until } from '../test/support/until.ts';

const SAMPLE_MS = 10_000;
/** The ingest thread tells its delays once a second. */
const LOOK_MS = 500;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, rate: { type: 'string', default: '50' } },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);

interface Sample {
  readonly second: number;
  readonly residentMb: number;
  readonly heapMb: number;
  readonly ingestHeapMb: number;
  readonly ringHistorySeconds: number;
  readonly ingestDelayMs: number;
  readonly load: number;
}

async function main(): Promise<boolean> {
  const data = mkdtempSync(join(tmpdir(), 'loop-soak-'));
  const loopd = await startChildLoopd(data);
  const shop = await startShop({
    directory: join(data, 'shop'),
    sinkAddress: `unix:${join(data, 'sink.sock')}`,
    envoyPath: envoyPath(),
    redisPath: redisPath(),
    log: say,
  });
  try {
    const over = new AbortController();
    const samples = sampling(loopd, over.signal);
    const traffic = await sendTraffic({
      entryUrl: shop.entryUrl,
      requests: minutes * 60 * rate,
      perSecond: rate,
      customers: 16,
      seed: 11,
      mix: { ...DEFAULT_MIX, giftOrder: 5, partnerOffer: 4 },
    });
    over.abort();
    const result = { minutes, rate, ...(await compare(shop, loopd, traffic)), samples: await samples };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.ok;
  } finally {
    await shop.stop();
    await loopd.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

/** A sample is of its last moment, but for the delay: that is the longest there was. */
async function sampling(loopd: ChildLoopd, signal: AbortSignal): Promise<readonly Sample[]> {
  const began = performance.now();
  const samples: Sample[] = [];
  let delayMs = 0;
  while (!signal.aborted) {
    const metrics = await loopd.metrics();
    delayMs = Math.max(delayMs, Math.round((metrics['loop_ingest_delay_seconds'] ?? 0) * 1000));
    if (performance.now() - began >= samples.length * SAMPLE_MS) {
      samples.push(sampleOf(metrics, performance.now() - began, delayMs));
      say(JSON.stringify(samples.at(-1)));
      delayMs = 0;
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return samples;
}

function sampleOf(metrics: Readonly<Record<string, number>>, atMs: number, ingestDelayMs: number): Sample {
  const mb = (kind: string): number => Math.round((metrics[`loop_memory_bytes{kind="${kind}"}`] ?? 0) / 1e5) / 10;
  return {
    second: Math.round(atMs / 1000),
    residentMb: mb('resident'),
    heapMb: mb('heap'),
    ingestHeapMb: mb('ingest_heap'),
    ringHistorySeconds: Math.round(metrics['loop_recorder_history_seconds'] ?? 0),
    ingestDelayMs,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

async function compare(shop: Shop, loopd: ChildLoopd, traffic: TrafficReport) {
  const ledger = shop.ledger();
  const traces = failedTraces(ledger);
  const loops = await until(
    () => allFailures(loopd.api),
    (listed) => listed.length >= traces.size,
  ).catch(() => allFailures(loopd.api));
  say(`${traces.size} traces failed, ${loops.length} loops are listed; opening them`);
  const amiss = [...unmatched(ledger, loops)];
  for (const loop of loops) {
    const { transaction } = await openLoop(loopd.api, loop.id);
    amiss.push(...differences(traces.get(loop.transaction.replace('trace:', '')) ?? [], loop, transaction));
  }
  const { sent, calls, unrecorded } = await sidecarCounts(shop);
  const metrics = await until(
    () => loopd.metrics(),
    (seen) => seen['loop_ingest_messages'] === sent,
  ).catch(() => loopd.metrics());
  const fate = (unit: string, name: string): number => metrics[`loop_recorder_${unit}{fate="${name}"}`] ?? 0;
  const sum = (unit: string): number =>
    ['kept', 'tossed', 'history', 'overwritten', 'shed', 'inFlight'].reduce(
      (total, name) => total + fate(unit, name),
      0,
    );
  const fates = Object.fromEntries(
    ['received', 'kept', 'tossed', 'history', 'overwritten', 'shed', 'inFlight'].map((name) => [
      name,
      fate('segments', name),
    ]),
  );
  const received = metrics['loop_ingest_messages'] ?? 0;
  return {
    ok:
      amiss.length === 0 &&
      received === sent &&
      unrecorded === 0 &&
      sum('segments') === fates['received'] &&
      sum('bytes') === fate('bytes', 'received'),
    requests: traffic.sent.length,
    seconds: Math.round(traffic.seconds),
    answeredBadly: traffic.failed.length,
    slowestMs: Math.round(Math.max(...traffic.sent.map(({ ms }) => ms))),
    ledgerEntries: ledger.length,
    failedByLedger: traces.size,
    loops: loops.length,
    outcomes: Object.fromEntries(
      [...Map.groupBy(loops, (loop) => `${loop.outcome} at ${loop.origin?.service} ${loop.fingerprint}`)].map(
        ([name, all]) => [name, all.length],
      ),
    ),
    amiss: amiss.slice(0, 20),
    envoySent: sent,
    received,
    calls,
    unrecorded,
    fates,
    bytesReceived: fate('bytes', 'received'),
    lost: metrics['loop_keeper_recordings{fate="lost"}'] ?? 0,
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = (await main()) ? 0 : 1;
