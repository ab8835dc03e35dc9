/** Hostile text in everything that is recorded, typed and named, on every page of the console, in a real browser: none of it runs. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LoopId } from '../../src/domain/ids.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import { useBrowser } from '../support/browser.ts';
import { signIn } from '../support/console-world.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../support/extproc.ts';
import { connectTo, EnvoyCall } from '../support/extproc-client.ts';
import { hostileRecording } from '../support/hostile-recording.ts';
import { HOSTILE, latin1, traceOf } from '../support/hostile-text.ts';
import { allFailures, startTestLoopd, type TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';
import { markupIn, tracesIn, watched, type WatchedPage } from '../support/watched-page.ts';

const browser = useBrowser();
const SOON = { timeout: 15_000 };

let daemon: TestLoopd;
let imported: readonly LoopId[] = [];
let capture = '';
/** Of a token whose name is hostile too. */
let secret = '';

beforeAll(async () => {
  daemon = await startTestLoopd();
  const { api } = daemon;
  imported = await Promise.all(
    [1, 2].map(async (number) => (await api.import(await encodeLoopFile(hostileRecording(number)))).id),
  );
  await record();
  for (const reason of packed(500)) {
    const begun = await api.captures.start({ user: 'u1', reason, who: reason.slice(0, 100), forMs: 60_000 });
    capture = begun.id;
    await api.captures.stop(begun.id);
  }
  for (const name of packed(100)) ({ secret } = await api.tokens.create({ name, roles: ['admin'], forMs: 3_600_000 }));
}, 120_000);
afterAll(() => daemon.close());

/** All of it, in as few texts of so many characters as there need to be. */
function packed(most: number): readonly string[] {
  const texts: string[] = [];
  for (const { text } of HOSTILE) {
    const joined = `${texts.at(-1) ?? ''} ${text}`.trim();
    if (texts.length > 0 && joined.length <= most) texts[texts.length - 1] = joined;
    else texts.push(text.slice(0, most));
  }
  return texts;
}

/** Through the sink and the keeper, as a sidecar tells it that anybody may be. */
async function record(): Promise<void> {
  const session = connectTo(daemon.sink);
  for (const { text } of HOSTILE) {
    // What a header of gRPC may hold.
    const name = text.replace(/[^\x20-\x7e]/g, '').trim();
    const said = {
      'x-loop-service': name,
      'x-loop-instance': name,
      'x-loop-direction': 'inbound',
      'x-loop-version': name,
    };
    const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
    const call = new EnvoyCall(session, { ...said, 'x-loop-protocol': 'http' });
    call.send(
      requestHeaders({
        ':method': 'POST',
        ':path': `/${latin1(text)}`,
        ':authority': latin1(text),
        traceparent,
        'x-user-id': 'u1',
      }),
      requestBody(text, { endOfStream: true }),
      responseHeaders({ ':status': '500', 'content-type': 'text/html' }),
      responseBody(text, { endOfStream: true }),
    );
    call.finish();
  }
  await until(
    () => allFailures(daemon.api),
    (loops) => loops.length >= HOSTILE.length + imported.length,
    30_000,
  );
  session.destroy();
}

/** Signed in under the hostile name. */
async function open(): Promise<WatchedPage> {
  const { apiUrl } = daemon.loopd;
  const seen = await watched(await browser.open(undefined, { reducedMotion: 'reduce' }), [apiUrl]);
  await signIn(seen.page, { loopd: { ...daemon.loopd, token: secret } as TestLoopd['loopd'] });
  return seen;
}

async function go({ page }: WatchedPage, path: string): Promise<void> {
  await page.goto(new URL(path, daemon.loopd.apiUrl).href);
  await page.locator('h1').first().waitFor();
  await expect.poll(() => page.locator('.asking').count(), SOON).toBe(0);
}

/** And lets the page be drawn. Nothing happens where there is no such thing. */
async function clickOn(page: Page, selector: string, at: number): Promise<void> {
  await page.evaluate(`document.querySelectorAll('${selector}')[${at}]?.click();
    new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))`);
}

async function expectHarmless(seen: WatchedPage): Promise<void> {
  expect(await markupIn(seen)).toEqual([]);
  const { ran, foreign, stopped, dialogs } = seen;
  expect({ ran: [...ran], foreign, stopped, dialogs }).toEqual({ ran: [], foreign: [], stopped: [], dialogs: [] });
}

describe('hostile text', () => {
  it('is shown and never run: a loop, each row and tab of it', async () => {
    const seen = await open();
    const { page } = seen;
    await go(seen, `/loops/${imported[0]}`);
    const shown = new Set<string>(await tracesIn(seen));
    const rows = page.locator('[role=treeitem]');
    const count = await rows.count();
    expect(count).toBeGreaterThan(100);
    const more = page.getByRole('button', { name: /more of \d+ rows/ });
    while ((await more.count()) > 0) await more.click();
    // Where what differs is in the name only, it is looked at where the name stands; what has bodies and values is opened.
    const chosen = await page.evaluate<
      readonly number[]
    >(`[...document.querySelectorAll('[role=treeitem]')].flatMap((row, at, all) => {
      const like = all.findIndex((one) => one.className === row.className);
      return at === like || at === like + 1 || /\\/(bodies|feed|orders)/.test(row.textContent) ? [at] : [];
    })`);
    expect(chosen.length).toBeGreaterThan(15);
    for (const row of chosen) {
      await clickOn(page, '[role=treeitem]', row);
      const tabs = Math.max(1, await page.locator('.inspector [role=tab]').count());
      for (let at = 0; at < tabs; at += 1) {
        await clickOn(page, '.inspector [role=tab]', at);
        for (const name of await tracesIn(seen)) shown.add(name);
        await expectHarmless(seen);
      }
    }
    expect(HOSTILE.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  }, 60_000);

  it('is shown and never run: every other page', async () => {
    const seen = await open();
    const { page } = seen;
    for (const path of ['/', '/?view=loops', '/captures', '/health', '/support', '/audit', `/captures/${capture}`]) {
      await go(seen, path);
      await expect.poll(async () => (await tracesIn(seen)).length, { ...SOON, message: path }).toBeGreaterThan(0);
      await expectHarmless(seen);
      for (let turn = 0; turn < 8; turn += 1) {
        await page.mouse.wheel(0, 600);
        await expectHarmless(seen);
      }
    }
  }, 60_000);

  it('is shown and never run: a comparison, what is searched for', async () => {
    const seen = await open();
    await go(seen, `/loops/${imported[0]}/compare/${imported[1]}`);
    await expect.poll(async () => (await tracesIn(seen)).length, SOON).toBeGreaterThan(0);
    await expectHarmless(seen);
    browser.expectTrouble(/400|404/);
    for (const text of packed(500)) {
      const said = encodeURIComponent(text.toWellFormed());
      await go(seen, `/?view=loops&search=${said}&service=${said}&fingerprint=${said}`);
      await expectHarmless(seen);
    }
  });

  it('does not run where an address leads nowhere, nor in what the API answers a browser', async () => {
    const seen = await open();
    const { apiUrl } = daemon.loopd;
    browser.expectTrouble(/40\d/);
    for (const text of packed(1000)) {
      const said = encodeURIComponent(text.toWellFormed());
      for (const path of [
        '',
        'loops/',
        'captures/',
        `loops/${imported[0]}/compare/`,
        'v1/',
        'v1/loops/',
        'auth/',
        'assets/',
        'v1/loops?cursor=',
      ]) {
        await seen.page.goto(`${apiUrl}/${path}${said}`);
        await expectHarmless(seen);
      }
    }
    await seen.page.goto(`${apiUrl}/v1/loops/${imported[0]}`);
    expect(await seen.page.evaluate('document.contentType')).toBe('application/json');
    await expectHarmless(seen);
  });
});

/** A page that takes each text for HTML, in a frame of its own, and follows every link in it. */
async function naive(policy: string): Promise<WatchedPage> {
  const server = createServer((request, response) => {
    const at = /^\/said\/(\d+)/.exec(request.url ?? '')?.[1];
    const type = request.url === '/after.js' ? 'text/javascript' : 'text/html; charset=utf-8';
    response.writeHead(200, {
      'content-type': type,
      ...(policy !== '' && at !== undefined && { 'content-security-policy': policy }),
    });
    if (request.url === '/after.js')
      response.end(
        "for (const one of document.querySelectorAll('a, button')) { one.click?.(); one.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true })); }",
      );
    else if (at === undefined)
      response.end(HOSTILE.map((_, index) => `<iframe src="/said/${index}"></iframe>`).join(''));
    else
      response.end(
        Buffer.from(
          `<!doctype html><title>x</title><script src="/after.js" defer></script><div>${HOSTILE[Number(at)]?.text ?? ''}</div>`,
        ),
      );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const seen = await watched(await browser.open(), [origin]);
  await seen.page.goto(`${origin}/`);
  return seen;
}

describe('the same text, where a page believes it,', () => {
  const runs = HOSTILE.filter((one) => one.runs !== undefined).map(({ name }) => name);

  it('runs without a policy', async () => {
    browser.expectTrouble(/./);
    const { ran, foreign } = await naive('');
    await expect.poll(() => runs.filter((name) => !ran.has(name)), SOON).toEqual([]);
    expect(new Set(foreign.map((url) => new URL(url).hostname))).toContain('canary.test');
  });

  it('is stopped by the policy that the console is served under, with nothing else', async () => {
    browser.expectTrouble(/Content Security Policy/);
    // Chromium's own, whatever the policy: no `javascript:` after a refresh, and no picture of another origin in `use`.
    const at = (name: string) => `http://127\\.0\\.0\\.1:\\d+/said/${HOSTILE.findIndex((one) => one.name === name)}`;
    const refused = [
      new RegExp(`^Refused to refresh ${at('meta-refresh-js')} to a javascript: URL`),
      new RegExp(`^Unsafe attempt to load URL http://canary\\.test/x\\.svg from frame with URL ${at('svg-use')}\\. `),
    ];
    for (const pattern of refused) browser.expectTrouble(pattern);
    const policy =
      (await fetch(daemon.loopd.apiUrl, { headers: { accept: 'text/html' } })).headers.get('content-security-policy') ??
      '';
    const { ran, foreign, stopped } = await naive(policy.replace("frame-ancestors 'none'; ", ''));
    const frames = () => new Set(stopped.map((what) => what.split(' ')[1]));
    const wanted = HOSTILE.flatMap(({ runs: how }, index) =>
      how === undefined ? [] : [HOSTILE[index]?.name === 'iframe-srcdoc' ? 'srcdoc' : `/said/${index}`],
    );
    await expect.poll(() => wanted.filter((path) => !frames().has(path)), SOON).toEqual([]);
    // The rest of it comes when a frame has been read to its end.
    await expect
      .poll(() => refused.filter((one) => !browser.troubles.some((trouble) => one.test(trouble))), SOON)
      .toEqual([]);
    expect([...ran]).toEqual([]);
    // No policy holds a page where it is: that takes text nodes.
    expect(foreign.filter((url) => url !== 'http://canary.test/')).toEqual([]);
  });
});

it('is found by what looks for it', async () => {
  const seen = await watched(await browser.open(), []);
  // The console has no such page: its policy lets nobody write HTML.
  await seen.page.route('http://plain.test/', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  const bad = [
    '<b onclick="1">x</b>',
    '<a href="javascript:1">y</a>',
    '<a href=" JaVa\tScRiPt:1">y</a>',
    '<a href="data:text/html,1">y</a>',
    '<a href="http://canary.test/">y</a>',
    '<iframe srcdoc="1"></iframe>',
    '<style>b { color: red }</style>',
    '<script>1</script>',
  ];
  // Where there is an origin, as in the console, and where there is none.
  for (const at of ['http://plain.test/', 'about:blank']) {
    await seen.page.goto(at);
    await seen.page.evaluate(
      `document.body.innerHTML = ${JSON.stringify(
        `<p>${traceOf('script')}, ${traceOf('utf7')}</p><i title="1"></i>${bad.join('')}`,
      )}`,
    );
    expect(await tracesIn(seen)).toEqual(['script', 'utf7']);
    expect(await markupIn(seen)).toEqual(bad);
  }
});
