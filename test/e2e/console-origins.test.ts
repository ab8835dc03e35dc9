/** What pages of others can do with the cookie of somebody who is signed in, in a real browser: nothing; and what it takes to be signed in. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoopId } from '../../src/domain/ids.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import { useBrowser } from '../support/browser.ts';
import { signIn } from '../support/console-world.ts';
import { recordingOf } from '../support/recording.ts';
import { systemClock } from '../../src/daemon/clock.ts';
import { startTestLoopd, type TestLoopd } from '../support/test-loopd.ts';
import { watched } from '../support/watched-page.ts';

const browser = useBrowser();
const SOON = { timeout: 15_000 };
const HTML = `<!doctype html><script>globalThis.ran('html')</script><img src=x onerror="ran('html')">`;
const DAY_MS = 86_400_000;

let daemon: TestLoopd;
let loop: LoopId;
/** Somebody else's server: every path is a page with nothing in it. */
let other: Server;
/** Time of loopd, ahead of the clock. */
let ahead = 0;

beforeAll(async () => {
  other = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><link rel=icon href=data:,><title>Other</title>');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const clock = systemClock();
  daemon = await startTestLoopd({ api: { port: 0, hosts: ['loop.test'] } }, { now: () => clock.now() + ahead });
  const file = recordingOf({
    service: 'orders',
    trigger: { path: '/page', answer: { status: 500, headers: { 'content-type': 'text/html' }, body: HTML } },
  });
  ({ id: loop } = await daemon.api.import(await encodeLoopFile(file)));
});
afterAll(async () => {
  other.close();
  other.closeAllConnections();
  await daemon.close();
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Everything that would show: loops, tokens, captures. */
async function state(): Promise<unknown> {
  const { api } = daemon;
  const { loops } = await api.list({ purpose: 'failure', limit: 100 });
  return { loops: loops.map(({ id }) => id), tokens: await api.tokens.list(), captures: await api.captures.list() };
}

interface Tried {
  readonly what: string;
  /** What a script got to read; absent: nothing. */
  readonly read?: string;
}

/** Whatever a page can have a browser send with the cookies of another; `target` with and without a preflight, by scripts, elements, forms and sockets. */
const ATTACK = `async ({ target, loop }) => {
  const tried = [];
  const attempt = async (what, act) => {
    let read;
    try { read = await act(); } catch { read = undefined; }
    tried.push(read === undefined ? { what } : { what, read: String(read).slice(0, 80) });
  };
  const include = { credentials: 'include' };
  const ask = (path, init = {}) => async () => (await fetch(target + path, { ...include, ...init })).text();
  const capture = JSON.stringify({ user: 'u1', reason: 'csrf' });
  for (const path of ['/v1/session', '/v1/loops', '/v1/loops/' + loop, '/v1/tokens', '/v1/audit', '/metrics', '/v1/loops/' + loop + '/har', '/'])
    await attempt('GET ' + path, ask(path));
  // It never ends.
  await attempt('GET /v1/events', async () => ((await fetch(target + '/v1/events', include)).ok ? 'open' : undefined));
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json', 'application/json; x=text/plain', '']) {
    const headers = type === '' ? {} : { 'content-type': type };
    const body = type === '' ? new Blob([capture]) : capture;
    await attempt('POST ' + type, ask('/v1/captures', { method: 'POST', headers, body }));
    await attempt('no-cors POST ' + type, ask('/v1/captures', { method: 'POST', headers, body, mode: 'no-cors' }));
    await attempt('token ' + type, ask('/v1/tokens', { method: 'POST', headers, body: JSON.stringify({ name: 'x', roles: ['admin'] }), mode: 'no-cors' }));
  }
  await attempt('csrf', ask('/v1/captures', { method: 'POST', headers: { 'x-loop-csrf': 'guess', 'content-type': 'application/json' }, body: capture }));
  await attempt('override', ask('/v1/loops/' + loop + '?_method=DELETE', { method: 'POST', headers: { 'x-http-method-override': 'DELETE' } }));
  await attempt('DELETE', ask('/v1/loops/' + loop, { method: 'DELETE' }));
  await attempt('sign out', ask('/v1/session', { method: 'DELETE' }));
  await attempt('beacon', async () => { navigator.sendBeacon(target + '/v1/captures', new Blob([capture], { type: 'text/plain' })); });
  const load = (tag, set) => () => new Promise((resolve) => {
    const element = document.createElement(tag);
    element.onload = () => resolve('loaded');
    element.onerror = () => resolve(undefined);
    set(element);
    document.head.append(element);
  });
  for (const path of ['/v1/loops', '/v1/loops/' + loop, '/v1/loops/' + loop + '/har']) {
    await attempt('img ' + path, load('img', (one) => (one.src = target + path)));
    await attempt('script ' + path, load('script', (one) => (one.src = target + path)));
    await attempt('style ' + path, load('link', (one) => ((one.rel = 'stylesheet'), (one.href = target + path))));
  }
  await attempt('websocket', () => new Promise((resolve, reject) => {
    const socket = new WebSocket(target.replace('http', 'ws') + '/v1/events');
    socket.onopen = () => resolve('open');
    socket.onerror = () => reject(new Error('refused'));
  }));
  await attempt('events', () => new Promise((resolve, reject) => {
    const source = new EventSource(target + '/v1/events', { withCredentials: true });
    source.onopen = () => (source.close(), resolve('open'));
    source.onerror = () => (source.close(), reject(new Error('refused')));
  }));
  const framed = (frame) => new Promise((resolve) => { frame.onload = () => resolve(); });
  await attempt('frame', async () => {
    const frame = document.createElement('iframe');
    frame.src = target + '/';
    document.body.append(frame);
    await framed(frame);
    return frame.contentDocument?.body.textContent ?? undefined;
  });
  for (const [action, type] of [['/v1/captures', 'text/plain'], ['/v1/captures', 'application/x-www-form-urlencoded'], ['/v1/captures', 'multipart/form-data'], ['/v1/session', 'text/plain']])
    await attempt('form ' + action + ' ' + type, async () => {
      const frame = document.createElement('iframe');
      frame.name = 'form' + Math.random();
      const form = Object.assign(document.createElement('form'), { method: 'POST', action: target + action, enctype: type, target: frame.name });
      form.append(Object.assign(document.createElement('input'), { name: '{"user":"u1","reason":"', value: '"}' }));
      document.body.append(frame, form);
      const done = framed(frame);
      form.submit();
      await done;
      return frame.contentDocument?.body?.textContent || undefined;
    });
  return tried;
}`;

async function attack(page: Page, target: string): Promise<readonly Tried[]> {
  return page.evaluate<readonly Tried[]>(`(${ATTACK})(${JSON.stringify({ target, loop })})`);
}

async function signedIn(): Promise<Page> {
  const page = await browser.open();
  await signIn(page, daemon);
  return page;
}

/** In the same browser, with the same cookies. */
async function besides(page: Page, url: string): Promise<Page> {
  const another = await page.context().newPage();
  await another.goto(url);
  return another;
}

const isSignedIn = async (page: Page): Promise<boolean> =>
  page.evaluate<boolean>(
    "fetch('/v1/session').then((answer) => answer.json()).then(({ principal }) => principal !== undefined)",
  );

describe('a page of somebody else, in the browser of somebody who is signed in,', () => {
  it.each([
    ['of another site', () => `http://evil.test:${portOf(other)}`],
    ['of another port of the same host', () => `http://127.0.0.1:${portOf(other)}`],
    ['of another name of the same host', () => `http://localhost:${portOf(other)}`],
  ])('%s changes nothing and reads nothing', async (_of, origin) => {
    browser.expectTrouble(/./);
    const victim = await signedIn();
    const before = await state();
    const tried = await attack(await besides(victim, `${origin()}/`), daemon.loopd.apiUrl);
    expect(tried.length).toBeGreaterThan(40);
    expect(tried.filter(({ read }) => read !== undefined && read !== '')).toEqual([]);
    expect(await state()).toEqual(before);
    expect(await isSignedIn(victim)).toBe(true);
  });

  it('from our own origin the same reads, and with the proof of the session it writes', async () => {
    browser.expectTrouble(/./);
    const victim = await signedIn();
    const before = await state();
    // A page that loopd does not have, without a policy that would be in the way.
    await victim
      .context()
      .route('**/own', (route) => route.fulfill({ contentType: 'text/html', body: '<title>Own</title>' }));
    const tried = await attack(await besides(victim, `${daemon.loopd.apiUrl}/own`), daemon.loopd.apiUrl);
    expect(tried.find(({ what }) => what === 'GET /v1/loops')?.read).toContain(loop);
    // Without the proof not even that page writes.
    expect(await state()).toEqual(before);
    const status =
      await victim.evaluate<number>(`fetch('/v1/session').then((answer) => answer.json()).then(({ csrf }) =>
      fetch('/v1/captures', { method: 'POST', headers: { 'content-type': 'application/json', 'x-loop-csrf': csrf }, body: '{"user":"u1","reason":"own"}' })
    ).then((answer) => answer.status)`);
    expect(status).toBe(201);
    expect(await state()).not.toEqual(before);
  });

  it('does not sign them in as somebody else, and a cookie that it plants changes nothing', async () => {
    browser.expectTrouble(/./);
    const { apiUrl, token } = daemon.loopd;
    const stranger = await browser.open(apiUrl);
    const evil = await besides(stranger, `http://127.0.0.1:${portOf(other)}/`);
    for (const [type, mode] of [
      ['text/plain', 'no-cors'],
      ['application/json', 'cors'],
    ])
      await evil
        .evaluate(
          `fetch('${apiUrl}/v1/session', { method: 'POST', mode: '${mode}', credentials: 'include', headers: { 'content-type': '${type}' }, body: '{"token":"${token}"}' }).then((a) => a.text())`,
        )
        .catch(() => undefined);
    expect(await stranger.context().cookies()).toEqual([]);
    expect(await isSignedIn(stranger)).toBe(false);

    const attacker = await signedIn();
    const [theirs] = await attacker.context().cookies();
    if (theirs === undefined) throw new Error('no cookie');
    const victim = await signedIn();
    const [own] = await victim.context().cookies();
    expect(own).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    const planter = await besides(victim, `http://127.0.0.1:${portOf(other)}/`);
    // Over the victim's own, which scripts may not; and beside it, where a longer path comes first.
    await planter.evaluate(`document.cookie = '${theirs.name}=${theirs.value}; path=/'`);
    await planter.evaluate(`document.cookie = '${theirs.name}=${theirs.value}; path=/v1'`);
    const kept = await victim.context().cookies(apiUrl);
    expect(kept.filter(({ path }) => path === '/').map(({ value }) => value)).toEqual([own?.value]);
    await victim.goto(`${apiUrl}/`);
    const csrf = await victim.evaluate<string>("fetch('/v1/session').then((a) => a.json()).then(({ csrf }) => csrf)");
    const status = await victim.evaluate<number>(
      `fetch('/v1/session', { method: 'DELETE', headers: { 'x-loop-csrf': '${csrf}' } }).then((a) => a.status)`,
    );
    expect(status).toBe(204);
    expect(await isSignedIn(victim)).toBe(false);
  });
});

describe('a name that is not ours', () => {
  it('is refused though it leads to our address, with or without a cookie; a configured one answers', async () => {
    browser.expectTrouble(/403|Cross-Origin-Opener-Policy/);
    const port = new URL(daemon.loopd.apiUrl).port;
    const page = await signedIn();
    for (const path of ['/', '/v1/loops', '/healthz', '/support-button.js', '/v1/session']) {
      const answer = await page.goto(`http://evil.test:${port}${path}`);
      expect(answer?.status()).toBe(403);
      expect(await answer?.text()).not.toMatch(new RegExp(`${loop}|<script`));
    }
    expect((await page.goto(`http://evil.test:${port}/v1/loops`))?.headers()['content-type']).toContain(
      'application/problem+json',
    );
    expect((await page.goto(`http://loop.test:${port}/`))?.status()).toBe(200);
    await page.getByLabel('Token', { exact: true }).fill(daemon.loopd.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    // In clear, a browser tells nobody but this machine which page asks.
    await page.getByText('Open Loop over https').waitFor();
    expect(await page.context().cookies(`http://loop.test:${port}`)).toEqual([]);
  });
});

describe('originals', () => {
  it('are downloaded and not opened; what is opened all the same runs nothing', async () => {
    const { apiUrl } = daemon.loopd;
    const page = await signedIn();
    const seen = await watched(page, [apiUrl]);
    await page.goto(`${apiUrl}/loops/${loop}`);
    await page
      .getByRole('tab', { name: /Response|Answer/ })
      .first()
      .click();
    const [body] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).first().click(),
    ]);
    expect(readFileSync(await body.path(), 'utf8')).toBe(HTML);
    expect(body.suggestedFilename()).toMatch(/\.bin$/);
    const [har] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'HAR' }).click()]);
    expect(JSON.parse(readFileSync(await har.path(), 'utf8'))).toHaveProperty('log.entries');

    const href = `${apiUrl}${await page.getByRole('link', { name: 'Download' }).first().getAttribute('href')}`;
    const typed = await page.context().newPage();
    const [again] = await Promise.all([typed.waitForEvent('download'), typed.goto(href).catch(() => undefined)]);
    expect(again.suggestedFilename()).not.toMatch(/html?$/);
    const headers = await page.evaluate<Record<string, string>>(
      `fetch('${href}').then((answer) => Object.fromEntries(answer.headers))`,
    );
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': expect.stringMatching(/^attachment/) as string,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox') as string,
    });
    // Even shown, as a browser would that ignores "attachment": the policy alone.
    await typed.route('**/shown', async (route) =>
      route.fulfill({
        headers: { ...headers, 'content-type': 'text/html', 'content-disposition': 'inline' },
        body: HTML,
      }),
    );
    browser.expectTrouble(/sandboxed|Content Security Policy|404/);
    await typed.goto(`${apiUrl}/shown`);
    expect([...seen.ran]).toEqual([]);
    await typed.route('**/bare', async (route) =>
      route.fulfill({ headers: { 'content-type': 'text/html' }, body: HTML }),
    );
    await typed.goto(`${apiUrl}/bare`);
    await expect.poll(() => [...seen.ran], SOON).toEqual(['html']);
  });
});

describe('a session', () => {
  it('ends when one signs out: the cookie is worth nothing, also to who has kept it', async () => {
    const page = await browser.open();
    // What is still being read when one signs out is refused, and the page's console would say so.
    const read = page.waitForResponse(/fingerprints/);
    await signIn(page, daemon);
    await (await read).finished();
    const kept = await page.context().cookies();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token', { exact: true }).waitFor();
    await page.context().addCookies([...kept]);
    await page.reload();
    await page.getByLabel('Token', { exact: true }).waitFor();
    expect(await isSignedIn(page)).toBe(false);
  });

  it('that is over asks to sign in, and goes on where it was', async () => {
    browser.expectTrouble(/401|403/);
    const { apiUrl, token } = daemon.loopd;
    const page = await signedIn();
    const address = `${apiUrl}/loops/${loop}?at=1`;
    await page.goto(address);
    await page.locator('h1').waitFor();
    const before = page.url();
    ahead += 2 * DAY_MS;
    await page.getByRole('link', { name: 'Health' }).click();
    await page.getByLabel('Token', { exact: true }).waitFor(SOON);
    await page.goBack();
    expect(page.url()).toBe(before);
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation').first().waitFor();
    await page.locator('[role=tree]').waitFor();
    expect(page.url()).toBe(before);
  });

  it('of a token ends with it, and so does what it listens to', async () => {
    browser.expectTrouble(/401|403/);
    const { api, loopd } = daemon;
    const { token, secret } = await api.tokens.create({ name: 'for a while', roles: ['viewer'], forMs: 3_600_000 });
    const page = await browser.open();
    await signIn(page, { loopd: { ...loopd, token: secret } as TestLoopd['loopd'] });
    const live = page.locator('.bar .live');
    await expect.poll(() => live.textContent(), SOON).toBe('live');
    const bearer = await fetch(new URL('/v1/events', loopd.apiUrl), { headers: { authorization: `Bearer ${secret}` } });
    expect(bearer.status).toBe(200);
    await api.tokens.revoke(token.id);
    await bearer.text();
    await page.getByLabel('Token', { exact: true }).waitFor({ timeout: 30_000 });
  });
});
