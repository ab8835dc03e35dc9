/** The front page in a real browser, over the real API and a real store; what happens is published by the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { buildConsole } from '../../scripts/build/console.ts';
import type { SessionAnswer } from '../../src/api/contract/results.ts';
import { EventLog } from '../../src/api/events.ts';
import { PERMISSIONS } from '../../src/domain/access.ts';
import { ADMIN, installation, saveLoop, served } from '../support/api.ts';
import { expectAccessible, useBrowser } from '../support/browser.ts';
import { fingerprint } from '../support/transaction.ts';

const browser = useBrowser();
const dist = mkdtempSync(join(tmpdir(), 'loop-console-'));
const HOUR_MS = 3_600_000;
const NOW = Date.now();

beforeAll(() => buildConsole(dist));
afterAll(() => rmSync(dist, { recursive: true, force: true }));

const SESSION: SessionAnswer = {
  principal: { name: 'anna', roles: ['admin'], permissions: PERMISSIONS },
  csrf: 'proof',
  signIn: { token: true },
  version: '0.1.0',
};

/** loopd with a page, and a way to let failures happen. */
async function loopd(permissions = SESSION.principal?.permissions ?? []) {
  const loop = await installation();
  const log = new EventLog(1);
  const session: SessionAnswer = { ...SESSION, principal: { name: 'anna', roles: ['admin'], permissions } };
  const { url } = await served(loop.handlers, {
    console: dist,
    who: async () => ADMIN,
    goesOn: () => true,
    own: { session: async () => session },
    events: { log, clock: { now: () => NOW }, every: () => () => undefined },
  });
  /** Failure `number` happened `ago` ms before now, once, and was kept. */
  const fail = async (number: number, ago = 0): Promise<void> => {
    const at = NOW - ago;
    const service = `service-${number}`;
    const print = fingerprint(number);
    const origin = { service, exchange: '3', kind: 'status', summary: '500 Internal Server Error' };
    const summary = await saveLoop(loop, number, new Uint8Array([1]), {
      fingerprint: print,
      startedAt: at,
      origin: origin as never,
    });
    const what = { service, method: 'GET', route: `/things/*/${number}`, kind: 'status', summary: origin.summary };
    const hours = [{ hour: Math.floor(at / HOUR_MS) * HOUR_MS, seen: 1, kept: 1 }];
    const count = {
      fingerprint: print,
      firstAt: at,
      lastAt: at,
      hours,
      unread: 0,
      guessed: 0,
      versions: {},
      users: [],
      what,
    };
    await loop.store.countFailures([count]);
    log.publish({ kind: 'loop-kept', loop: summary });
    log.publish({ kind: 'failures-counted', fingerprints: [print] });
  };
  return { url, fail };
}

const rows = async (page: Page): Promise<readonly string[]> => page.locator('.where b').allTextContents();
const soon = { timeout: 5000 };

describe('failures', () => {
  it('come by themselves, the newest first; when somebody reads, they wait and nothing moves', async () => {
    const { url, fail } = await loopd();
    await fail(1, 60_000);
    const page = await browser.open(url);
    await expect.poll(() => rows(page), soon).toEqual(['service-1']);
    await expect.poll(() => page.locator('.bar .live').textContent(), soon).toBe('live');
    await fail(2, 30_000);
    await expect.poll(() => rows(page), soon).toEqual(['service-2', 'service-1']);
    await page.locator('.where').first().hover();
    await fail(3);
    await page.getByRole('button', { name: '1 new failure' }).waitFor();
    expect(await rows(page)).toEqual(['service-2', 'service-1']);
    await page.keyboard.press('.');
    await expect.poll(() => rows(page), soon).toEqual(['service-3', 'service-2', 'service-1']);
  });

  it('are gone through by keys: j and k, Enter opens one, its loops follow', async () => {
    const { url, fail } = await loopd();
    await fail(1, 60_000);
    await fail(2);
    const page = await browser.open(url);
    await expect.poll(() => rows(page), soon).toHaveLength(2);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    const link = page.locator('.inside a[data-row]');
    await link.waitFor();
    await page.keyboard.press('j');
    expect(await link.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    await expectAccessible(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).pathname, soon).toMatch(/^\/loops\/\w{12}$/);
    await page.goBack();
    await expect.poll(() => rows(page), soon).toEqual(['service-2', 'service-1']);
  });

  it('are filtered by what stands in the address, and can be sent so', async () => {
    const { url, fail } = await loopd();
    await fail(1);
    await fail(2);
    const page = await browser.open(`${url}/?service=service-1`);
    await expect.poll(() => rows(page), soon).toEqual(['service-1']);
    await page.getByLabel('Service').fill('service-2');
    await expect.poll(() => rows(page), soon).toEqual(['service-2']);
    expect(new URL(page.url()).search).toBe('?service=service-2');
    await page.getByLabel('Service').fill('nobody');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expect.poll(() => rows(page), soon).toHaveLength(2);
    await page.getByRole('button', { name: 'Each loop' }).click();
    await expect.poll(() => page.locator('.loop-table [data-index]').count(), soon).toBe(2);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page);
  });
});

describe('where there is nothing to see', () => {
  it('teaches how a sidecar is attached', async () => {
    const { url } = await loopd();
    browser.expectTrouble(/v1\/vitals/);
    const page = await browser.open(url);
    const command = page.getByText('loopctl envoy config --service orders', { exact: true });
    await expect.poll(() => command.count(), soon).toBe(1);
    await expectAccessible(page);
  });

  it('says what somebody may not see, and that there is no such page', async () => {
    const { url } = await loopd(['read', 'health']);
    const page = await browser.open(`${url}/audit`);
    await page.getByText('You may not see Audit.').waitFor();
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(['Failures', 'Health']);
    await page.goto(`${url}/nothing`);
    await page.getByText('There is no such page').waitFor();
    await expectAccessible(page);
  });
});
