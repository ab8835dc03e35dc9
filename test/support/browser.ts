/** Real Chromium for tests of pages: one browser per file, one fresh profile per page, and whatever a page complains of fails its test. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { TestContext } from 'vitest';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';

/** Names under which distributions and people install it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** `*.test` is this machine, for pages of other origins; nothing else but loopback has an address. */
const HOSTS = '--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost';

/** The rules of WCAG 2.2 AA, and what axe counts as good practice. */
const ACCESSIBLE = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface TestBrowser {
  /** A page in a profile of its own: no cookie and no storage of another one. Closed after the test. */
  open(url?: string, options?: BrowserContextOptions): Promise<Page>;
  /** What this test's pages complained of so far: console errors, uncaught errors, violations of the content security policy. */
  readonly troubles: readonly string[];
  /** Complaints that match are right in this test, however many; that none comes fails the test too. */
  expectTrouble(pattern: RegExp): void;
}

/** Once per file, at its top level or in a `describe`. Where there is no Chromium, its tests are skipped and say why. */
export function useBrowser(): TestBrowser {
  const opened: Page[] = [];
  const troubles: string[] = [];
  const expected: RegExp[] = [];
  let browser: Browser | undefined;

  beforeEach(skipWithoutChromium);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (page) => await page.context().close()));
    const seen = troubles.splice(0);
    const patterns = expected.splice(0);
    // As text, so that a report which shortens values still shows them.
    expect.soft(unexpected(seen, patterns).join('\n'), 'complaints of the page').toBe('');
    expect.soft(missing(seen, patterns).join('\n'), 'complaints that should have come').toBe('');
  });
  afterAll(async () => await browser?.close());

  return {
    troubles,
    expectTrouble: (pattern) => void expected.push(pattern),
    async open(url, options = {}) {
      browser ??= await launch();
      const context = await browser.newContext(options);
      const page = await context.newPage();
      opened.push(page);
      context.on('console', (message) => {
        if (message.type() === 'error') troubles.push(`${message.text()} (${message.location().url})`);
      });
      context.on('weberror', (error) => troubles.push(`uncaught: ${error.error().message}`));
      if (url !== undefined) await page.goto(url);
      return page;
    },
  };
}

/** No violation on the page as it stands: theme, dialog and all. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations, passes } = await new AxeBuilder({ page }).withTags(ACCESSIBLE).analyze();
  const told = violations.map(({ id, help, nodes }) =>
    [`${id}: ${help}`, ...nodes.map(({ html }) => `  ${html}`)].join('\n'),
  );
  if (told.length > 0) throw new Error(`Not everybody can use ${page.url()}:\n${told.join('\n')}`);
  // A page that shows nothing has nothing to find.
  expect(passes.length).toBeGreaterThan(0);
}

/** LOOP_CHROMIUM, else the first of the usual names in PATH. */
function chromiumPath(): string | undefined {
  const named = process.env['LOOP_CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

export async function launch(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error(WITHOUT);
  // Its own sandbox refuses root and needs what many containers lack; the pages here are ours.
  return await chromium.launch({ executablePath, chromiumSandbox: false, args: [HOSTS, '--no-proxy-server'] });
}

const WITHOUT = 'no Chromium: apt-get install chromium, or set LOOP_CHROMIUM to one';

function skipWithoutChromium(context: TestContext): void {
  if (chromiumPath() === undefined) context.skip(WITHOUT);
}

function unexpected(troubles: readonly string[], patterns: readonly RegExp[]): readonly string[] {
  return troubles.filter((trouble) => !patterns.some((pattern) => pattern.test(trouble)));
}

function missing(troubles: readonly string[], patterns: readonly RegExp[]): readonly string[] {
  return patterns.filter((pattern) => !troubles.some((trouble) => pattern.test(trouble))).map(String);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
