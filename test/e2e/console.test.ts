/** The console on a shop behind real Envoys, in a real browser. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, useBrowser } from '../support/browser.ts';
import type { ConsoleWorld } from '../support/console-world.ts';
import { signIn, startConsoleWorld } from '../support/console-world.ts';
import { allFailures } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

/** What is promised, on a machine that has time for it. */
const APPEARS_MS = 2000;
const ROUNDS = 6;

const browser = useBrowser();
let world: ConsoleWorld;
/** Of a loop with a cascade and a command that failed. */
let loop = '';

beforeAll(async () => {
  world = await startConsoleWorld();
  await world.fail(100);
  const loops = await until(
    () => allFailures(world.daemon.api),
    (listed) => listed.length > 0,
  );
  loop = loops[0]?.id ?? '';
});
afterAll(() => world[Symbol.asyncDispose]());

/** Signed in; nobody has a session at first, which the page asks about. */
async function open(path: string, colorScheme: 'dark' | 'light' = 'light'): Promise<Page> {
  const page = await browser.open(undefined, { colorScheme, reducedMotion: 'reduce' });
  await signIn(page, world.daemon);
  await page.goto(new URL(path, world.daemon.loopd.apiUrl).href);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

it('shows a failure within two seconds of the answer that the customer got', async () => {
  const page = await open('/?view=loops');
  const seen: number[] = [];
  for (let round = 0; round < ROUNDS && Math.min(Infinity, ...seen) > APPEARS_MS; round += 1) {
    const before = new Set((await allFailures(world.daemon.api)).map(({ id }) => id));
    await world.fail(1000 + 100 * round);
    const since = performance.now();
    const [fresh] = await until(
      async () => (await allFailures(world.daemon.api)).filter(({ id }) => !before.has(id)),
      (found) => found.length > 0,
    );
    await page
      .locator(`a[href*="${fresh?.id ?? 'none'}"]`)
      .first()
      .waitFor();
    seen.push(performance.now() - since);
  }
  expect(Math.min(...seen)).toBeLessThanOrEqual(APPEARS_MS);
});

describe.each(['light', 'dark'] as const)('everybody can use, when it is %s,', (scheme) => {
  it.each(['/', '/?view=loops', '/captures', '/support', '/health'])('%s', async (path) => {
    await expect(expectAccessible(await open(path, scheme))).resolves.toBeUndefined();
  });

  it('a loop, its waterfall and what is said beside it', async () => {
    await expect(expectAccessible(await open(`/loops/${loop}`, scheme))).resolves.toBeUndefined();
  });
});
