/** Real clients and servers of Node with a join between them: what passes, and what is heard of it. */
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer as createHttpServer, request } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { connect, createServer } from 'node:net';
import { onTestFinished, describe, expect, it } from 'vitest';
import { join } from '../../../replay-sandbox/cast/along.ts';
import type { ReadAlong } from '../../../replay-sandbox/cast/along.ts';
import type { Heard } from '../../../replay-sandbox/cast/heard.ts';
import { HeardCall } from '../../../replay-sandbox/cast/heard.ts';
import { alongHttp } from '../../../replay-sandbox/cast/http-along.ts';

interface Between {
  readonly port: number;
  readonly heard: Heard[];
  /** Resolves once so many calls were heard. */
  readonly calls: (count: number) => Promise<readonly Heard[]>;
}

async function listen(server: TcpServer | Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** What passes is read a byte at a time: no reader may trust in pieces. */
function byteByByte(along: ReadAlong): ReadAlong {
  const each = (bytes: Uint8Array, give: (one: Uint8Array) => void): void => {
    for (let at = 0; at < bytes.length; at += 1) give(bytes.subarray(at, at + 1));
  };
  return {
    ...along,
    fromClient: (bytes) => each(bytes, (one) => along.fromClient(one)),
    fromServer: (bytes) => each(bytes, (one) => along.fromServer(one)),
  };
}

async function between(target: number): Promise<Between> {
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  const tell = (one: Heard): void => {
    heard.push(one);
    waiting.forEach((look) => look());
  };
  const proxy = createServer({ pauseOnConnect: true }, (client) => {
    client.on('error', () => client.destroy());
    const server = connect(target, '127.0.0.1');
    server.once('connect', () => join(client, server, byteByByte(alongHttp(() => new HeardCall(tell)))));
  });
  return {
    port: await listen(proxy),
    heard,
    calls: (count) =>
      new Promise((resolve) => {
        const look = (): void => void (heard.length >= count && resolve(heard));
        waiting.add(look);
        look();
      }),
  };
}

async function http1(handle: RequestListener): Promise<Between> {
  return between(await listen(createHttpServer(handle)));
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

async function ask(port: number, method: string, path: string, body = ''): Promise<string> {
  const sent = request({ port, host: '127.0.0.1', method, path, agent: false });
  sent.on('error', () => undefined);
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  return text;
}

describe('HTTP/1.1', () => {
  it.each([
    ['a length', (size: string) => ({ 'content-length': size })],
    ['chunks', () => ({})],
    ['the end of the connection', () => ({ connection: 'close', 'transfer-encoding': 'identity' })],
  ])('a body that ends by %s', async (_by, headers) => {
    const { port, calls } = await http1((asked, response) => {
      response.writeHead(201, headers('6'));
      response.write('one');
      response.end('two');
      asked.resume();
    });
    expect(await ask(port, 'POST', '/things?a=1', 'question')).toBe('onetwo');
    const [call] = await calls(1);
    expect(call).toMatchObject({
      ended: 'whole',
      asked: { method: 'POST', target: '/things?a=1' },
      answer: { status: 201 },
    });
    expect([textOf(call?.asked.body ?? Buffer.alloc(0)), textOf(call?.answer.body ?? Buffer.alloc(0))]).toEqual([
      'question',
      'onetwo',
    ]);
  });

  it('an answer without a body, hints before it, and trailers behind it', async () => {
    const { port, calls } = await http1((asked, response) => {
      if (asked.method === 'HEAD') return void response.writeHead(200, { 'content-length': '1000' }).end();
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeHead(200, { trailer: 'checksum' });
      response.write('body');
      response.addTrailers({ checksum: '7' });
      response.end();
    });
    await ask(port, 'HEAD', '/');
    expect(await ask(port, 'GET', '/')).toBe('body');
    const [head, got] = await calls(2);
    expect(head).toMatchObject({ ended: 'whole', asked: { method: 'HEAD' }, answer: { status: 200 } });
    expect(got).toMatchObject({ answer: { status: 200, trailers: [{ name: 'checksum', value: '7' }] } });
  });

  it('several on one connection, also asked at once', async () => {
    const { port, calls } = await http1((asked, response) => response.end(asked.url));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n').valueOf();
    socket.resume();
    const told = await calls(2);
    expect(told.map(({ asked, answer }) => [asked.target, textOf(answer.body)])).toEqual([
      ['/1', '/1'],
      ['/2', '/2'],
    ]);
    await once(socket, 'close');
  });

  it('a connection that breaks in mid answer breaks for the client too', async () => {
    const { port, calls } = await http1((_asked, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.socket?.resetAndDestroy());
    });
    await expect(ask(port, 'GET', '/')).rejects.toThrow(/aborted|ECONNRESET/);
    expect(await calls(1)).toMatchObject([{ ended: 'broken', answer: { status: 200 } }]);
  });

  it('what is no HTTP passes all the same', async () => {
    const target = await listen(createServer((socket) => socket.pipe(socket)));
    const { port, heard } = await between(target);
    const socket = connect(port, '127.0.0.1');
    socket.end('\0\0 nothing\r\n\r\nlike it');
    const [echo] = (await once(socket, 'data')) as [Buffer];
    await once(socket, 'close');
    expect([echo.toString(), heard.filter(({ answer }) => answer.status !== undefined)]).toEqual([
      '\0\0 nothing\r\n\r\nlike it',
      [],
    ]);
  });
});

describe('HTTP/2', () => {
  it('calls at once, with big headers, trailers, and one that is reset', async () => {
    const server = createHttp2Server();
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.on('error', () => undefined); // It resets one itself.
      const path = headers[':path'] ?? '';
      if (path === '/reset') return stream.close(2);
      stream.respond(
        { ':status': 200, 'x-big': 'ä~'.repeat(10), 'content-type': 'text/plain' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(`answer to ${path}`);
    });
    const { port, calls } = await between(await listen(server));
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const asked = ['/1', '/2', '/reset'].map((path) => {
      const stream = session.request({
        ':path': path,
        ':method': 'POST',
        'x-long': 'v'.repeat(20_000),
        'x-odd': '{"a":1}',
      });
      stream.on('error', () => undefined);
      stream.resume().end('question');
      return new Promise((resolve) => stream.once('close', resolve));
    });
    await Promise.all(asked);
    const told = await calls(3);
    session.destroy();
    const of = (path: string) => told.find((one) => one.asked.target === path);
    expect(of('/reset')).toMatchObject({ ended: 'broken' });
    for (const path of ['/1', '/2']) {
      const call = of(path);
      expect(call).toMatchObject({
        ended: 'whole',
        asked: { method: 'POST' },
        answer: { status: 200, trailers: [{ name: 'grpc-status', value: '0' }] },
      });
      expect(call?.answer.headers).toContainEqual({ name: 'x-big', value: 'ä~'.repeat(10) });
      expect(call?.asked.headers).toContainEqual({ name: 'x-odd', value: '{"a":1}' });
      expect(textOf(call?.answer.body ?? Buffer.alloc(0))).toBe(`answer to ${path}`);
    }
  });

  it('asked of a server that speaks only HTTP/1.1: it is said', async () => {
    const server = createHttpServer((_asked, response) => response.end());
    const { port, calls } = await between(await listen(server));
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on('error', () => undefined);
    session.request({ ':path': '/' }).on('error', () => undefined);
    const [call] = await calls(1);
    session.destroy();
    expect(call).toMatchObject({ ended: 'broken', why: expect.stringContaining('speaks only HTTP/1.1') as unknown });
  });
});
