// npm run screenshots: the pictures of docs/images, of the real console on what the shop's demo traffic left, in real Chromium.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launch } from '../support/browser.ts';
import { signIn, startConsoleWorld } from '../support/console-world.ts';
import { allFailures } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const OUT = join(import.meta.dirname, '..', '..', 'docs', 'images');
const SIZE = { width: 1360, height: 850 };
const REQUESTS = 120;

async function main(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  await using world = await startConsoleWorld();
  const failed = await world.traffic(REQUESTS, 7);
  const loops = await until(
    () => allFailures(world.daemon.api),
    (listed) => listed.length > 0 && listed.length >= Math.min(failed, 5),
  );
  const newest = loops.find(({ commands, holes }) => commands > 0 && holes.length === 0) ?? loops[0];
  if (newest === undefined) throw new Error('Nothing failed.');
  const pages = {
    failures: '/',
    loop: `/loops/${newest.id}`,
    compare: `/loops/${newest.id}/compare/exemplar`,
    captures: '/captures',
    support: '/support',
    health: '/health',
  };
  const browser = await launch();
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: SIZE, colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await signIn(page, world.daemon);
      for (const [name, path] of Object.entries(pages))
        await take(page, new URL(path, world.daemon.loopd.apiUrl).href, `${name}-${colorScheme}`);
    }
  } finally {
    await browser.close();
  }
}

async function take(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await page.locator('main h1, main h2').first().waitFor();
  // The list is live, so the network never rests: a page is there when it says that it waits for nothing.
  await page.waitForFunction("document.querySelector('[aria-busy=true]') === null");
  await page.screenshot({ path: join(OUT, `${name}.png`), animations: 'disabled' });
  console.log(`docs/images/${name}.png`);
}

await main();
