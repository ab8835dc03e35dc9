/** What the tests of pages rely on: a real Chromium, whose complaints are heard. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { expectAccessible, useBrowser } from '../support/browser.ts';

const browser = useBrowser();

const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'";

/** Serves one page under a policy as strict as the console's; its script is what a test passes. */
async function page(body: string, script = ''): Promise<number> {
  const server = createServer((request, response) => {
    if (request.url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
    else if (request.url !== '/') response.writeHead(404).end();
    else
      response
        .setHeader('content-type', 'text/html; charset=utf-8')
        .setHeader('content-security-policy', POLICY)
        .end(`<!doctype html><html lang="en"><title>Test</title><link rel="icon" href="data:,">${body}</html>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  return (server.address() as AddressInfo).port;
}

const HELLO = '<body><main><h1>Hello</h1><p id="said"></p></main><script src="/page.js"></script></body>';

it('shows a page under a strict policy, runs its script and finds it accessible', async () => {
  const port = await page(HELLO, 'document.getElementById("said").textContent = "well"');
  const tab = await browser.open(`http://127.0.0.1:${port}/`);
  await expect.poll(() => tab.locator('#said').textContent()).toBe('well');
  await expectAccessible(tab);
});

it('hears of a script that the policy keeps from running, and of a sink without a trusted type', async () => {
  browser.expectTrouble(/inline script violates the following Content Security Policy/);
  browser.expectTrouble(/requires 'TrustedHTML' assignment/);
  const inline = '<script>document.title = "ran"</script>';
  const port = await page(`${inline}${HELLO}`, 'document.getElementById("said").innerHTML = "<b>ran</b>"');
  const tab = await browser.open(`http://127.0.0.1:${port}/`);
  expect(await tab.title()).toBe('Test');
  expect(await tab.locator('b').count()).toBe(0);
});

it('hears of errors nobody caught, of what is logged as one, and of answers that say no', async () => {
  const script = 'console.error("logged"); fetch("/none"); setTimeout(() => { throw new Error("thrown"); });';
  browser.expectTrouble(/^logged /);
  browser.expectTrouble(/404 \(Not Found\)/);
  browser.expectTrouble(/^uncaught: thrown$/);
  const port = await page(HELLO, script);
  await browser.open(`http://127.0.0.1:${port}/`);
  await expect.poll(() => browser.troubles.length).toBe(3);
});

it('says what is wrong with a page that not everybody can use', async () => {
  const port = await page('<body><main><h1>Form</h1><input type="text"></main></body>');
  const tab = await browser.open(`http://127.0.0.1:${port}/`);
  await expect(expectAccessible(tab)).rejects.toThrow('label: Form elements must have labels');
});

it('knows *.test as this machine and nobody outside', async () => {
  const port = await page(HELLO);
  const tab = await browser.open(`http://tool.test:${port}/`);
  expect(await tab.evaluate('location.hostname')).toBe('tool.test');
  await expect(tab.goto('http://example.com/')).rejects.toThrow('ERR_NAME_NOT_RESOLVED');
});

it('gives every page a profile of its own', async () => {
  const port = await page(HELLO);
  const first = await browser.open(`http://127.0.0.1:${port}/`);
  await first.evaluate("localStorage.setItem('who', 'first')");
  const second = await browser.open(`http://127.0.0.1:${port}/`);
  expect(await second.evaluate("localStorage.getItem('who')")).toBeNull();
});
