/** The support button in a page of another origin under a strict policy, pressed in a real browser, behind a real Envoy. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SignJWT } from 'jose';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptureId } from '../../src/domain/capture.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { bentSidecar } from '../support/bent-sidecar.ts';
import { expectAccessible, useBrowser } from '../support/browser.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const browser = useBrowser();
const root = mkdtempSync(join(tmpdir(), 'button-'));
const SOON = { timeout: 15_000 };
const SECRET = randomBytes(32).toString('hex');

let daemon: TestLoopd;
let envoy: RunningEnvoy;
let shop: Server;
let tool: Server;
/** Of the helpdesk's page, which is nothing of loopd's. */
let origin = '';
let entry = '';
/** What the helpdesk's server puts into its page. */
let body = '';
let csp = '';

beforeAll(async () => {
  tool = await listening((request) => (request.url === '/' ? { status: 200, text: body, csp } : { status: 404 }));
  origin = `http://helpdesk.test:${portOf(tool)}`;
  writeFileSync(join(root, 'secret'), `${SECRET}\n`);
  daemon = await startTestLoopd({
    support: { tools: [{ name: 'helpdesk', secret: join(root, 'secret'), origins: [origin] }] },
  });
  shop = await listening((request) => ({
    status: request.url?.startsWith('/broken') === true ? 500 : 200,
    text: '{}',
  }));
  envoy = await startEnvoy(
    bentSidecar(
      {
        speaker: { service: 'shop', instance: 'shop-1' },
        sink: daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', portOf(shop)) },
        outbound: { listen: socket('127.0.0.1', 0), upstreams: [] },
      },
      { patient: true },
    ),
  );
  entry = await envoy.listener('inbound');
});

afterAll(async () => {
  await envoy.stop();
  await daemon.close();
  for (const server of [shop, tool]) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(root, { recursive: true, force: true });
});

/** As the helpdesk's server signs it. */
function reference(more: object = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'helpdesk', aud: 'loopd', agent: 'anna', reason: 'my ride is not here', iat: now };
  return new SignJWT({ ...claims, sub: '42', jti: randomBytes(8).toString('hex'), exp: now + 300, ...more })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(SECRET));
}

/** The helpdesk's page, with one tag of ours and a policy that allows just that. */
async function helpdesk(
  signed: string,
  tag = (src: string) => `<script src="${src}" data-loop-reference="${signed}"></script>`,
) {
  const { apiUrl } = daemon.loopd;
  csp = `default-src 'none'; script-src ${apiUrl}; connect-src ${apiUrl}; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;
  body = `<!doctype html><html lang="en"><title>Ticket 811</title><link rel="icon" href="data:,"><body><main><h1>Ticket 811</h1>${tag(`${apiUrl}/support-button.js`)}</main></body></html>`;
  return browser.open(`${origin}/`);
}

const primary = (page: Page): Locator => page.locator('loop-support-button [part=primary]');
const said = (page: Page): Promise<string | null> => page.locator('loop-support-button [role=status]').textContent();
const whole = (page: Page): Promise<string> => page.locator('loop-support-button section').innerText();

/** One request of a user at the shop, through Envoy. */
async function ask(user: string, path: string): Promise<void> {
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  await (await fetch(`${entry}${path}`, { headers: { 'x-user-id': user, traceparent } })).text();
}

/** Paths of what a capture has, by time, once there are so many. */
async function taken(id: CaptureId, count: number): Promise<readonly string[]> {
  const { loops } = await until(
    () => daemon.api.captures.show(id),
    (shown) => shown.loops.length >= count,
    20_000,
  );
  return loops.map(({ path }) => path);
}

describe('the support button', () => {
  it('pressed: records what the user did before and does next, shows it, and hands over a link', async () => {
    for (const [user, path] of [
      ['42', '/rides?page=1'],
      ['7', '/rides/others'],
      ['42', '/broken'],
    ] as const)
      await ask(user, path);
    const page = await helpdesk(await reference());
    await expect.poll(() => primary(page).textContent()).toBe('Record this user');
    await expectAccessible(page);

    await primary(page).press('Enter');
    await expect.poll(() => said(page), SOON).toMatch(/^Recording this user until .+ It reaches back to /);
    await expect.poll(() => whole(page), SOON).toContain('2 requests so far, 1 failed.');
    await ask('42', '/rides/9');
    await expect.poll(() => whole(page), SOON).toContain('3 requests so far, 1 failed.');
    await expectAccessible(page);

    const link = (await page.locator('loop-support-button a').getAttribute('href')) ?? '';
    expect(link).toMatch(new RegExp(String.raw`^${daemon.loopd.apiUrl}/captures/cap-\w{8}$`));
    const id = link.slice(-12) as CaptureId;
    expect(await taken(id, 3)).toEqual(['/rides?page=1', '/broken', '/rides/9']);

    await primary(page).click();
    await expect.poll(() => said(page), SOON).toMatch(/^Recording stopped\. It reaches back to /);
    expect(await primary(page).isVisible()).toBe(false);
    expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.textContent')).toBe('Copy the link');
    const { capture } = await daemon.api.captures.show(id);
    expect(capture).toMatchObject({ endedBy: 'stopped', who: 'anna (helpdesk)', reason: 'my ride is not here' });
    await expectAccessible(page);
  });

  it('weighs less than 8 kB, and needs nothing but itself', async () => {
    const script = await (await fetch(`${daemon.loopd.apiUrl}/support-button.js`)).text();
    expect(gzipSync(script).length).toBeLessThan(8192);
    expect(script).not.toMatch(/\bimport\b|innerHTML|\beval\b/);
  });

  it('as an element, from a script in the head: tells the page around it, and takes a new reference', async () => {
    const old = await reference({ iat: 1, exp: 300 });
    const page = await helpdesk(
      old,
      (src) =>
        `<script src="${src}"></script><loop-support-button theme="dark" label="Record the rider" reference="${old}"></loop-support-button>`,
    );
    browser.expectTrouble(/410 \(Gone\)/);
    await page.evaluate(
      "document.addEventListener('loop-support', ({ detail }) => { document.title += ' ' + detail.state; })",
    );
    expect(await primary(page).textContent()).toBe('Record the rider');
    await primary(page).click();
    await expect.poll(() => said(page), SOON).toContain('too old to begin a recording');
    await expectAccessible(page);
    await page.evaluate(
      `document.querySelector('loop-support-button').setAttribute('reference', '${await reference()}')`,
    );
    expect(await primary(page).textContent()).toBe('Record the rider');
    await primary(page).click();
    await expect.poll(() => page.title(), SOON).toBe('Ticket 811 starting expired idle starting collecting');
  });

  it('says so when loopd refuses, in its words', async () => {
    const page = await helpdesk(await reference({ agent: undefined }));
    browser.expectTrouble(/400 \(Bad Request\)/);
    await primary(page).click();
    await expect.poll(() => said(page), SOON).toMatch(/^Loop refused: .+"agent" is missing or wrong/);
    expect(await primary(page).isVisible()).toBe(false);
    await expectAccessible(page);
  });

  it('says so when loopd cannot be reached, goes on when it can, and breaks nothing', async () => {
    const page = await helpdesk(await reference());
    browser.expectTrouble(/ERR_FAILED|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED/);
    await page.route('**/v1/support/**', (route) => route.abort());
    await primary(page).click();
    await expect.poll(() => said(page), SOON).toBe('Loop cannot be reached, so nothing was started.');
    expect(await primary(page).textContent()).toBe('Try again');
    await page.unroute('**/v1/support/**');
    const tried = async (): Promise<string | null> => {
      if ((await primary(page).textContent()) === 'Try again') await primary(page).click();
      return said(page);
    };
    await expect.poll(tried, SOON).toMatch(/^Recording this user/);
  });

  it('a page that is not of the tool is refused: nothing begins', async () => {
    const page = await helpdesk(await reference());
    browser.expectTrouble(/blocked by CORS policy|ERR_FAILED|403/);
    await page.goto(`http://evil.test:${portOf(tool)}/`);
    const before = (await daemon.api.captures.list()).length;
    await primary(page).click();
    await expect.poll(() => said(page), SOON).toBe('Loop cannot be reached, so nothing was started.');
    expect(await daemon.api.captures.list()).toHaveLength(before);
  });
});

type Answer = { readonly status: number; readonly text?: string; readonly csp?: string };

async function listening(answer: (request: IncomingMessage) => Answer): Promise<Server> {
  const server = createServer((request, response) => {
    const { status, text = '', csp: policy = '' } = answer(request);
    response.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      ...(policy !== '' && { 'content-security-policy': policy }),
    });
    response.end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
