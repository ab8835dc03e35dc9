import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { createGzip } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient, type ClientOptions } from '../../../../src/api/client/client.ts';
import { ApiError } from '../../../../src/api/error.ts';
import { installation, saveLoop, served, TOKEN } from '../../../support/api.ts';
import { tarBlock } from '../../../support/tar.ts';
import { tlsInFrontOf } from '../../../support/tls-proxy.ts';
import { loopId } from '../../../support/transaction.ts';

/** `code: sentence | hint` of what listing says; `fine` when it does not complain. */
async function said(options: Omit<ClientOptions, 'token'> & { readonly token?: string }): Promise<string> {
  const asked = createClient({ token: TOKEN, ...options }).list({ purpose: 'failure', limit: 1 });
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return 'fine';
  return error instanceof ApiError
    ? `${error.code}: ${error.message} | ${error.hint}`
    : `no ApiError: ${inspect(error)}`;
}

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('TLS', () => {
  it('with the authority that signed, everything goes', async () => {
    const home = await installation();
    const { url } = await served(home.handlers);
    const proxy = await tlsInFrontOf(url);
    const { id } = await saveLoop(home, 1, Buffer.from('LPRT'));
    const client = createClient({ ...proxy, token: TOKEN });
    expect(await client.resolve('0000')).toBe(id);
    const file = await client.recording(id, { open: true });
    await client.delete(id);
    expect((await client.import(file)).id).toBe(loopId(1));
  });

  it('without it, of another name, or past its time, the certificate is named', async () => {
    const { url } = await served((await installation()).handlers);
    const proxy = await tlsInFrontOf(url);
    expect(await said({ url: proxy.url })).toBe(
      `unreachable: The certificate of ${proxy.url} is not right: it is signed by an authority that is not trusted here. | Give the authority that signed it: loopctl context add <name> --url <url> --ca <file>.`,
    );
    const named = await tlsInFrontOf(url, { name: 'loop.example' });
    expect(await said(named)).toMatch(/^unreachable: .+ is not right: it is for another name \(.+\)\. \| Use the name/);
    const old = await tlsInFrontOf(url, { around: Date.UTC(2001, 0, 1) });
    expect(await said(old)).toMatch(/^unreachable: .+ is not right: it has expired\. \| Renew it/);
    const other = await tlsInFrontOf(url);
    expect(await said({ url: proxy.url, ca: other.ca })).toMatch(/authority that is not trusted here/);
  });

  it('where there is none, and none where there is', async () => {
    const { url } = await served((await installation()).handlers);
    const https = url.replace('http:', 'https:');
    expect(await said({ url: https })).toBe(
      `unreachable: What answers at ${https} does not speak TLS. | Perhaps it is http://…?`,
    );
    const proxy = await tlsInFrontOf(url);
    expect(await said({ url: proxy.url.replace('https:', 'http:') })).toMatch(/^unreachable: /);
  });
});

describe('nobody there', () => {
  it('nobody listens', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    expect(await said({ url })).toMatch(/^unreachable: loopd at .+ does not answer: .*ECONNREFUSED/);
  });

  it('no such host', async () => {
    expect(await said({ url: 'https://loop.invalid:5679' })).toBe(
      'unreachable: The host of https://loop.invalid:5679 is not known. | Check the name, and the network.',
    );
  });

  it('somebody hangs up', async () => {
    const url = await answering((call) => call.socket.destroy());
    expect(await said({ url })).toMatch(/^unreachable: loopd at .+ does not answer/);
  });
});

describe('another server', () => {
  it.each<[string, RequestListener]>([
    ['a page', (_, answer) => answer.setHeader('content-type', 'text/html').end('<h1>Welcome</h1>')],
    ['other JSON', (_, answer) => answer.end('{"items":[]}')],
    ['JSON of the right keys', (_, answer) => answer.end('{"loops":[{"id":"../../etc/passwd"}]}')],
    ['null', (_, answer) => answer.end('null')],
    ['nothing', (_, answer) => answer.end()],
    ['a way elsewhere', (_, answer) => answer.writeHead(302, { location: 'https://login.example/' }).end()],
    ['404 and a page', (_, answer) => answer.writeHead(404).end('<h1>Not found</h1>')],
    ['401 of its own', (_, answer) => answer.writeHead(401).end('Unauthorized')],
  ])('that answers %s', async (_, listener) => {
    const url = await answering(listener);
    expect(await said({ url })).toMatch(
      new RegExp(`^failed: What answers at ${url} is no loopd: .+\\. \\| Does the address really lead to loopd\\?$`),
    );
  });

  it('that gives something else for a recording', async () => {
    const url = await answering((_, answer) => answer.end('garbage'));
    await expect(createClient({ url, token: 'x' }).recording(loopId(1), { open: false })).rejects.toMatchObject({
      message: expect.stringContaining('no loop file'),
    });
  });

  it('whose answers are packed is not unpacked without end', async () => {
    const url = await answering((_, answer) => {
      const gzip = createGzip();
      gzip.pipe(answer.writeHead(200, { 'content-encoding': 'gzip' }));
      gzip.end(Buffer.alloc(50_000_000));
    });
    expect(await said({ url })).toMatch(/is no loopd/);
  });
});

describe('the token', () => {
  it('that is wrong is told, with what to do as the caller knows it', async () => {
    const { url } = await served((await installation()).handlers);
    const wrong = { url, token: 'wrong' };
    expect(await said(wrong)).toMatch(/^unauthorised: The token is missing or wrong\. \| It is in the file "token"/);
    expect(await said({ ...wrong, tokenHint: 'loopctl --context prod login' })).toBe(
      'unauthorised: The token is missing or wrong. | loopctl --context prod login',
    );
  });

  it('goes below the path of the address', async () => {
    const paths: string[] = [];
    const url = await answering((call, answer) => {
      paths.push(`${call.url} ${call.headers.authorization}`);
      answer.end('{"loops":[]}');
    });
    expect(await said({ url: `${url}/loop/` })).toBe('fine');
    expect(paths).toEqual([`/loop/v1/loops?purpose=failure&limit=1 Bearer ${TOKEN}`]);
  });
});

describe('a large file', () => {
  it('is refused at its first block, however much follows', async () => {
    const { handlers } = await installation();
    const { url } = await served(handlers);
    let sent = 0;
    async function* file() {
      yield tarBlock({ type: '2', linkname: '/etc/passwd' });
      for (; sent < 300_000_000; sent += 1_000_000) yield Buffer.alloc(1_000_000);
    }
    const before = process.memoryUsage().rss;
    await expect(createClient({ url, token: TOKEN }).import(file())).rejects.toMatchObject({
      code: 'refused',
      message: 'The loop file has an entry that is none of a recording: "loop.json" (symbolic link).',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    // And the server goes on.
    expect(await said({ url })).toBe('fine');
  });

  it('that says it is too large is refused before it is sent', async () => {
    const { url } = await served((await installation()).handlers);
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/vnd.loop',
      'content-length': 600 * 1024 * 1024,
    };
    const call = request(new URL('/v1/loops', url), { method: 'POST', headers });
    call.write('x');
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    call.destroy();
    expect(answer.statusCode).toBe(422);
  });

  it('that breaks off is damage, and nothing of it stays', async () => {
    const { handlers, store } = await installation();
    const { url } = await served(handlers);
    async function* file(): AsyncGenerator<Uint8Array> {
      yield tarBlock({ name: 'loop.json', size: 1000 });
      throw new Error('the disk went away');
    }
    await expect(createClient({ url, token: TOKEN }).import(file())).rejects.toBeInstanceOf(ApiError);
    expect((await store.list({ purpose: 'failure', limit: 1 })).loops).toEqual([]);
  });
});
