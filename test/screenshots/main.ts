// npm run screenshots: the pictures of docs/images, of the real console on what the shop's demo traffic left, in real Chromium.
//   npm run -s screenshots -- loop-dark button    only these
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { launch } from '../support/browser.ts';
import type { ConsoleWorld } from '../support/console-world.ts';
import { FIRST_CUSTOMER, signIn, startConsoleWorld } from '../support/console-world.ts';
import { allFailures } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';
import { startHelpdesk } from './helpdesk.ts';

const OUT = join(import.meta.dirname, '..', '..', 'docs', 'images');
const SIZE = { width: 1280, height: 760 };
const BUTTON_SIZE = { width: 720, height: 520 };
const REQUESTS = 120;
const only = process.argv.slice(2);

type Theme = 'light' | 'dark';

async function main(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  await using helpdesk = await startHelpdesk();
  await using world = await startConsoleWorld({ support: { tools: [helpdesk.tool] } });
  await happen(world);
  const browser = await launch();
  try {
    await helpdesk.embed(world.daemon.loopd.apiUrl, FIRST_CUSTOMER);
    const capture = await button(browser, helpdesk.origin, world);
    await pages(browser, world, capture);
  } finally {
    await browser.close();
  }
}

/** A while of the shop, and what fails beside it. */
async function happen(world: ConsoleWorld): Promise<void> {
  await world.traffic(REQUESTS, 7);
  await world.failGrpc();
  await world.failWebSocket();
  await world.fail(100);
  await until(
    () => allFailures(world.daemon.api),
    (listed) => new Set(listed.map(({ origin }) => origin?.service)).size >= 3,
  );
}

/** In a page of another origin, pressed; resolves to the path that it hands over. */
async function button(browser: Browser, origin: string, world: ConsoleWorld): Promise<string> {
  const page = await browser.newPage({ viewport: BUTTON_SIZE, reducedMotion: 'reduce' });
  await page.goto(origin);
  await page.locator('loop-support-button [part=primary]').click();
  const link = page.locator('loop-support-button a');
  await link.waitFor();
  await world.fail(3000);
  for (const text of [/It reaches back/, /[1-9]\d* failed\./])
    await page.locator('loop-support-button').getByText(text).waitFor();
  await save(page, 'button');
  const path = new URL((await link.getAttribute('href')) ?? '').pathname;
  await page.close();
  return path;
}

async function pages(browser: Browser, world: ConsoleWorld, capture: string): Promise<void> {
  const loops = await allFailures(world.daemon.api);
  const shop = must(loops.find(({ origin, holes }) => origin?.service === 'pricing' && holes.length === 0));
  const { view } = await world.daemon.api.show(shop.id);
  const failed = parseLoopView(view)?.commands.find(({ error }) => error !== undefined);
  const shots: readonly (readonly [name: string, path: string, themes: readonly Theme[]])[] = [
    ['failures', '/', ['light', 'dark']],
    ['loop', `/loops/${shop.id}`, ['light', 'dark']],
    ['inspector-sql', `/loops/${shop.id}?at=${encodeURIComponent(failed?.id ?? '')}`, ['light']],
    ['inspector-grpc', `/loops/${of(loops, 'quotes').id}?tab=request`, ['light']],
    ['inspector-websocket', `/loops/${of(loops, 'prices').id}?tab=stream`, ['light']],
    ['compare', `/loops/${shop.id}/compare/exemplar`, ['light']],
    ['capture', capture, ['light', 'dark']],
    ['support', '/support', ['light']],
    ['health', '/health', ['light', 'dark']],
  ];
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: SIZE, colorScheme, reducedMotion: 'reduce' });
    await signIn(page, world.daemon);
    for (const [name, path, themes] of shots) {
      if (!themes.includes(colorScheme)) continue;
      await page.goto(new URL(path, world.daemon.loopd.apiUrl).href);
      await page.locator('main h1').first().waitFor();
      await save(page, themes.length === 1 ? name : `${name}-${colorScheme}`);
    }
  }
}

async function save(page: Page, name: string): Promise<void> {
  if (only.length > 0 && !only.includes(name)) return;
  const path = join(OUT, `${name}.png`);
  rmSync(path, { force: true });
  // The list is live, so the network never rests: a page is there when it says that it waits for nothing.
  await page.waitForFunction("document.querySelector('[aria-busy=true]') === null");
  await page.screenshot({ path, animations: 'disabled' });
  console.log(`docs/images/${name}.png`);
}

function of(loops: readonly LoopSummary[], service: string): LoopSummary {
  return must(loops.find(({ origin }) => origin?.service === service));
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('What a picture is of did not happen.');
  return value;
}

await main();
