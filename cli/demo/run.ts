/** The demo: record, fail, list, show, stop everything, replay. What it prints and returns is what happened. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BreakpointPlace } from '../../replay-sandbox/debug/place.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { systemClock } from '../../src/daemon/clock.ts';
import { findPackageFile } from '../../src/daemon/package-file.ts';
import { reportLines } from '../output/replay-report.ts';
import { replayFile } from '../replay-file.ts';
import type { Recorded, RecordOptions } from './record.ts';
import { record } from './record.ts';
import { tellFailures, tellNext } from './tell.ts';

export interface DemoResult {
  readonly sent: number;
  /** Transactions. */
  readonly tossed: number;
  readonly kept: number;
  readonly loop: string;
  readonly origin: string;
  readonly fingerprint: string;
  readonly replay: { readonly outcome: ReplayReport['outcome']; readonly missed: number; readonly refused: number };
  readonly breakpoint: BreakpointPlace & { readonly locals: Readonly<Record<string, string>> };
  readonly seconds: number;
}

const SHOP = findPackageFile('examples/shop');

export async function runDemo(options: RecordOptions): Promise<DemoResult> {
  const clock = systemClock();
  const began = clock.now();
  const { say, data } = options;
  const recorded = await record(options);
  const failure = tellFailures(say, recorded);
  say(
    '\nThe shop, its sidecars, its database, its cache and loopd are stopped. From here on there is only the recording.\n',
  );
  const place = brokenLine();
  say(`loopctl replay ${failure.id} --break ${place.file}:${place.line} -- node server.js`);
  const report = await replayPricing(recorded.file, data, place);
  for (const line of reportLines(report)) say(`  ${line}`);
  tellNext(say, { data, loop: failure.id, shop: SHOP, place });
  const { origin, fingerprint, id } = failure;
  return {
    ...countsOf(recorded),
    loop: id,
    origin: origin?.service ?? '',
    fingerprint: fingerprint ?? '',
    replay: { outcome: report.outcome, missed: report.missed.length, refused: report.refused.length },
    breakpoint: hitOf(report, place),
    seconds: Math.round((clock.now() - began) / 100) / 10,
  };
}

function countsOf({ traffic, tossed, failures }: Recorded): Pick<DemoResult, 'sent' | 'tossed' | 'kept'> {
  return { sent: traffic.sent.length, tossed, kept: failures.length };
}

/** Where the replay stopped first; without locals when it never did. */
function hitOf({ debugger: { breakpoints } }: ReplayReport, place: BreakpointPlace): DemoResult['breakpoint'] {
  const [hit] = breakpoints;
  const locals = Object.fromEntries((hit?.locals ?? []).map(({ name, value }) => [name, value]));
  return { file: hit?.file ?? place.file, line: hit?.line ?? place.line, locals };
}

async function replayPricing(bytes: Uint8Array, data: string, place: BreakpointPlace): Promise<ReplayReport> {
  return replayFile({
    bytes,
    data,
    command: ['node', 'server.js'],
    currentDirectory: join(SHOP, 'pricing'),
    flags: { ambient: true, readyTimeout: 30, timeout: 60, pace: 'fast', order: 'asked', clock: 'shift', quiet: true },
    debug: { breakpoints: [place], onThrow: false },
  });
}

/** The line of the shop where the wrong value is used. */
function brokenLine(): BreakpointPlace {
  const lines = readFileSync(join(SHOP, 'pricing/allocate.js'), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('Math.floor(discountCents * share)')) + 1;
  return { file: 'pricing/allocate.js', line };
}
