// Ten thousand failures in the console's flat list, scrolled by wheel in real Chromium: how long frames take, and how much a browser loads first.
//   npm run -s bench:console -- --json
// Most of its time goes into storing them, each on its own as loopd does: TMPDIR in memory is faster.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { firstLoad, gzippedBytes } from '../scripts/build/console-size.ts';
import { newDataKey } from '../src/seal/keys.ts';
import { sealPart, wrapKey } from '../src/seal/envelope.ts';
import { loadOrCreateStoreKey } from '../src/seal/keyfile.ts';
import { openLocalStore } from '../storage/local.ts';
import { launch } from '../test/support/browser.ts';
import { signIn } from '../test/support/console-world.ts';
import { temporaryFolder } from '../test/screenshots/folder.ts';
import { startTestLoopd } from '../test/support/test-loopd.ts';
import { loopSummary } from '../test/support/transaction.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, loops: { type: 'string', default: '10000' } },
});
const LOOPS = Number(values.loops);
/** Pixels of one turn of a wheel. */
const TURN = 400;
const DROPPED_MS = 33;
const AT_ONCE = 50;

const figures = await measure();
process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : `${JSON.stringify(figures, undefined, 2)}\n`);

async function measure() {
  await using opened = new AsyncDisposableStack();
  const { path: data } = opened.use(temporaryFolder('bench-console-'));
  await fill(data);
  const daemon = await startTestLoopd({ data });
  opened.defer(() => daemon.close());
  const browser = await launch();
  opened.defer(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1360, height: 850 } });
  await signIn(page, daemon);
  await page.goto(new URL('/?view=loops', daemon.loopd.apiUrl).href);
  await page.locator('.loop-table [data-index]').first().waitFor();
  const idle = statistics(await framesOf(page, () => page.waitForTimeout(1000)));
  const scrolled = await framesOf(page, () => scrollToEnd(page));
  const rows = Number(await page.locator('.loop-table [aria-rowindex]').last().getAttribute('aria-rowindex')) - 1;
  const files = firstLoad(join(import.meta.dirname, '..', 'console', 'dist'));
  return {
    loops: LOOPS,
    rowsReached: rows,
    firstLoadGzippedBytes: gzippedBytes(files),
    idle,
    scrolled: statistics(scrolled),
  };
}

/** What loopd finds when it starts. */
async function fill(data: string): Promise<void> {
  const key = await loadOrCreateStoreKey(join(data, 'key'));
  const store = await openLocalStore(join(data, 'store'), { clock: { now: () => Date.now() } });
  const save = async (number: number): Promise<void> => {
    const startedAt = Date.now() - 60_000 - number * 100;
    const summary = loopSummary(number, { startedAt, path: `/orders/${number}/items`, durationMs: number % 900 });
    const dataKey = newDataKey();
    const wrappedKey = wrapKey(dataKey, key, summary.id);
    const parts = [sealPart(new Uint8Array([1]), dataKey, summary.id, 0)];
    await store.save({ summary, subject: '', wrappedKey, view: '{"version":1}', companions: [], parts });
  };
  for (let first = 1; first <= LOOPS; first += AT_ONCE) {
    const some = Math.min(AT_ONCE, LOOPS - first + 1);
    await Promise.all(Array.from({ length: some }, (_, index) => save(first + index)));
    if (first % 1000 === 1) process.stderr.write(`${first - 1} of ${LOOPS} stored\n`);
  }
  await store.close();
}

/** Turns the wheel, a turn a frame, until the last of all rows is to be seen. */
async function scrollToEnd(page: Page): Promise<void> {
  await page.locator('.loop-table .scroller').hover();
  const last = page.locator(`.loop-table [data-index="${LOOPS - 1}"]`);
  while ((await last.count()) === 0) await page.mouse.wheel(0, TURN);
}

/** Ms between frames while `act` goes on. */
async function framesOf(page: Page, act: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(`
    window.frames_ = []; window.counting_ = true;
    let before = performance.now();
    const frame = (now) => { window.frames_.push(now - before); before = now; if (window.counting_) requestAnimationFrame(frame); };
    requestAnimationFrame((now) => { before = now; requestAnimationFrame(frame); });
    undefined`);
  await act();
  return await page.evaluate<number[]>('window.counting_ = false; window.frames_');
}

function statistics(frames: readonly number[]) {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  const dropped = frames.filter((ms) => ms > DROPPED_MS).length;
  return { frames: frames.length, medianMs: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), longestMs: at(1), dropped };
}
