import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ADMIN, installation, saveLoop, served, TOKEN } from '../../../support/api.ts';
import { loopId } from '../../../support/transaction.ts';

interface Reply {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Node's own client: it lets a test send the Host and Origin a browser would. */
function ask(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
  body = '',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString(), headers: response.headers }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Of a body that never ends: it sends two megabytes and waits. */
function statusOfEndless(url: string, method: string, path: string, type: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'transfer-encoding': 'chunked' };
    const sent = request(new URL(path, url), { method, headers }, (response) => {
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.on('error', reject);
    sent.write(Buffer.alloc(2 * 1024 * 1024, ' '));
  });
}

const AUTHORISED = { authorization: `Bearer ${TOKEN}` };

async function start() {
  const home = await installation();
  await saveLoop(home, 1, new Uint8Array(4));
  return { home, ...(await served(home.handlers)) };
}

describe('the HTTP server', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer guess' }],
    ['a longer token', { authorization: `Bearer ${TOKEN}x` }],
  ])('refuses %s', async (_what, headers) => {
    const { url } = await start();
    const { status, body } = await ask(url, '/v1/loops', headers);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toMatchObject({ code: 'unauthorised', hint: expect.stringContaining('token') as string });
  });

  it('refuses the host name of another site, and its pages, even with the token', async () => {
    const { url } = await start();
    expect((await ask(url, '/v1/loops', { ...AUTHORISED, host: 'attacker.example' })).status).toBe(403);
    expect((await ask(url, '/v1/loops', { ...AUTHORISED, origin: 'https://attacker.example' })).status).toBe(403);
    expect((await ask(url, '/v1/loops', AUTHORISED)).status).toBe(200);
  });

  it.each([
    ['ready', 200],
    ['degraded', 200],
    ['not-ready', 503],
  ] as const)('is %s: /readyz answers %i, and names what it is', async (status, code) => {
    const readiness = async () => ({ status, reasons: ['store-full'] });
    const { url } = await served((await installation()).handlers, { readiness });
    const answer = await ask(url, '/readyz', {});
    expect(answer).toMatchObject({ status: code, body: JSON.stringify({ status, reasons: ['store-full'] }) });
    expect((await ask(url, '/readyz', { host: 'attacker.example' })).status).toBe(403);
  });

  it('tells its health without a token, and nothing else', async () => {
    const { url } = await start();
    expect(await ask(url, '/healthz', {})).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    const ill = await served((await installation()).handlers, { trouble: () => 'The disk /var/lib/loop is full.' });
    expect(await ask(ill.url, '/healthz', AUTHORISED)).toMatchObject({ status: 503, body: '{"status":"trouble"}' });
    expect(await ask(ill.url, '/livez', {})).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect((await ask(url, '/metrics', {})).status).toBe(401);
    expect(await ask(url, '/metrics', AUTHORISED)).toMatchObject({ status: 200, body: 'loop_test 1\n' });
  });

  it.each([
    ['/v1/loops?limit=0', 400, 'invalid'],
    ['/v1/loops?purpose=secrets', 400, 'invalid'],
    ['/v1/loops?limit=99999', 400, 'invalid'],
    ['/v1/loops/not-an-id', 400, 'invalid'],
    [`/v1/loops/${loopId(99)}`, 404, 'not-found'],
    ['/elsewhere', 404, 'not-found'],
  ])('answers %s with %i %s', async (path, expected, code) => {
    const { url } = await start();
    const { status, body, headers } = await ask(url, path, AUTHORISED);
    expect([status, (JSON.parse(body) as { readonly code: string }).code]).toEqual([expected, code]);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('takes loop files of their own type only', async () => {
    const { url } = await start();
    expect((await ask(url, '/v1/loops', { ...AUTHORISED, 'content-type': 'text/plain' }, 'POST', 'x')).status).toBe(
      400,
    );
    expect(
      (await ask(url, '/v1/loops', { ...AUTHORISED, 'content-type': 'application/vnd.loop' }, 'POST', 'x')).status,
    ).toBe(422);
  });

  it.each([
    ['POST', '/elsewhere'],
    ['DELETE', '/mcp'],
    ['OPTIONS', '/v1/support/capture'],
  ])('%s %s by nobody reads no more than a megabyte, of JSON', async (method, path) => {
    const { handlers } = await installation();
    const button = { origins: [], own: {}, who: async () => ADMIN };
    const { url } = await served(handlers, { own: { mcp: async () => ({}) as never }, button: button as never });
    for (const type of ['text/plain', 'text/html', 'application/vnd.loop', 'application/json']) {
      const status = await statusOfEndless(url, method, path, type);
      expect([400, 404]).toContain(status);
    }
  });

  it('takes a loop file in one place only', async () => {
    const { url } = await start();
    const headers = { ...AUTHORISED, 'content-type': 'application/vnd.loop' };
    expect(await ask(url, '/v1/captures', headers, 'POST', 'x')).toMatchObject({
      status: 400,
      body: expect.stringContaining('No loop file is taken here.') as string,
    });
  });

  it('never lets an answer be run or stored by a browser', async () => {
    const { url } = await start();
    expect((await ask(url, `/v1/loops/${loopId(1)}/recording`, AUTHORISED)).headers).toMatchObject({
      'content-disposition': 'attachment',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });
});
