/** The demo: record, fail, list, show, stop everything, replay. What it prints and returns is what happened. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Shop } from '../../examples/shop/run/shop.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import type { TrafficReport } from '../../examples/shop/run/traffic.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { createClient } from '../../src/api/client.ts';
import { ApiError } from '../../src/api/error.ts';
import type { LoopApi } from '../../src/api/port.ts';
import { systemClock } from '../../src/daemon/clock.ts';
import { readConfig } from '../../src/daemon/config.ts';
import type { Loopd } from '../../src/daemon/loopd.ts';
import { startLoopd } from '../../src/daemon/loopd.ts';
import { findPackageFile } from '../../src/daemon/package-file.ts';
import { version } from '../../src/daemon/version.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { reportLines } from '../output/replay-report.ts';
import { replayFile } from '../replay-file.ts';
import { tellFailures, tellNext } from './tell.ts';

export interface DemoOptions {
  readonly envoyPath: string;
  readonly data: string;
  readonly requests: number;
  readonly perSecond: number;
  readonly say: (line: string) => void;
}

export interface DemoResult {
  readonly sent: number;
  /** Transactions. */
  readonly tossed: number;
  readonly kept: number;
  readonly loop: string;
  readonly origin: string;
  readonly fingerprint: string;
  readonly replay: { readonly outcome: ReplayReport['outcome']; readonly missed: number; readonly refused: number };
  readonly breakpoint: {
    readonly file: string;
    readonly line: number;
    readonly locals: Readonly<Record<string, string>>;
  };
  readonly seconds: number;
}

const SHOP = findPackageFile('examples/shop');
/** How long the last failure may take to be listed after its answer. */
const LISTED_WITHIN_MS = 15_000;

export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const clock = systemClock();
  const began = clock.now();
  const recorded = await record(options, began);
  const failure = tellFailures(options.say, recorded);
  options.say(
    '\nThe shop, its sidecars, its database and loopd are stopped. From here on there is only the recording.\n',
  );
  const place = brokenLine();
  options.say(`loopctl replay ${failure.id} --break ${place.file}:${place.line} -- node server.js`);
  const report = await replayFile({
    bytes: recorded.file,
    data: options.data,
    command: ['node', 'server.js'],
    currentDirectory: join(SHOP, 'pricing'),
    service: undefined,
    port: undefined,
    ambient: true,
    inspect: undefined,
    breakpoints: [place],
    readyTimeoutMs: 30_000,
    answerTimeoutMs: 60_000,
    quiet: true,
  });
  for (const line of reportLines(report)) options.say(`  ${line}`);
  const hit =
    report.debugger.breakpoints.find(({ locals }) => locals.some(({ value }) => value === 'NaN')) ??
    report.debugger.breakpoints[0];
  tellNext(options.say, { data: options.data, loop: failure.id, shop: SHOP, place });
  return {
    sent: recorded.traffic.sent.length,
    tossed: recorded.tossed,
    kept: recorded.failures.length,
    loop: failure.id,
    origin: failure.origin?.service ?? '',
    fingerprint: failure.fingerprint ?? '',
    replay: { outcome: report.outcome, missed: report.missed.length, refused: report.refused.length },
    breakpoint: {
      file: hit?.file ?? place.file,
      line: hit?.line ?? place.line,
      locals: Object.fromEntries((hit?.locals ?? []).map(({ name, value }) => [name, value])),
    },
    seconds: Math.round((clock.now() - began) / 100) / 10,
  };
}

export interface Recorded {
  readonly traffic: TrafficReport;
  readonly failures: readonly LoopSummary[];
  /** The view of the first of them, as JSON text. */
  readonly view: string;
  /** It, as a `.loop` file. */
  readonly file: Uint8Array;
  readonly tossed: number;
}

async function record(options: DemoOptions, since: number): Promise<Recorded> {
  const config = readConfig(undefined, { data: options.data, sink: { port: 0, socket: '' }, api: { port: 0 } });
  const loopd = await startLoopd({
    config,
    clock: systemClock(),
    version: version(),
    log: { kept: () => undefined, failed: options.say },
    died: (error) => options.say(error.message),
  });
  let shop: Shop | undefined;
  try {
    shop = await startShop({
      directory: join(options.data, 'shop'),
      sinkAddress: sinkAddress(loopd),
      envoyPath: options.envoyPath,
      log: options.say,
    });
    options.say(
      `sending ${options.requests} requests: browsing, carts, orders; some for what does not exist, some without a valid token`,
    );
    const traffic = await sendTraffic({
      entryUrl: shop.entryUrl,
      requests: options.requests,
      perSecond: options.perSecond,
      onProgress: progress(options),
    });
    const api = createClient({ url: loopd.apiUrl, token: loopd.token });
    const failures = await failuresSince(api, since, traffic.failed.length);
    const [first] = failures;
    if (first === undefined)
      throw new ApiError(
        'not-found',
        'None of the requests failed, so there is nothing to replay.',
        'Send more: --requests 1000.',
      );
    const { view } = await api.show(first.id);
    const file = await api.recording(first.id, { open: true });
    return { traffic, failures, view, file, tossed: await tossedTransactions(loopd) };
  } finally {
    await shop?.stop();
    await loopd.stop();
  }
}

function sinkAddress(loopd: Loopd): string {
  const tcp = loopd.sinks.find((sink) => sink.kind === 'tcp');
  if (tcp?.kind !== 'tcp') throw new ApiError('failed', 'loopd listens on no TCP port.');
  return `${tcp.host}:${tcp.port}`;
}

function progress(options: DemoOptions): (sent: number, failed: number) => void {
  const step = Math.max(1, Math.floor(options.requests / 6));
  return (sent, failed) => {
    if (sent % step === 0) options.say(`  ${sent} sent, ${failed} failed`);
  };
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

/** The ingest thread tells its numbers every second. */
async function tossedTransactions(loopd: Loopd): Promise<number> {
  await delay(1_500);
  return loopd.stats()?.recorder.tossedTransactions ?? 0;
}

/** The line of the shop where the wrong value is used. */
function brokenLine(): { readonly file: string; readonly line: number } {
  const lines = readFileSync(join(SHOP, 'pricing/allocate.js'), 'utf8').split('\n');
  return {
    file: 'pricing/allocate.js',
    line: lines.findIndex((line) => line.includes('Math.floor(discountCents * share)')) + 1,
  };
}
