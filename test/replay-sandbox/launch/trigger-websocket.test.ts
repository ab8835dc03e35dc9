import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { compareAnswers } from '../../../replay-sandbox/compare/compare.ts';
import type { Answer } from '../../../replay-sandbox/compare/answer.ts';
import { sendTrigger } from '../../../replay-sandbox/launch/trigger.ts';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { bodyOf } from '../../../src/domain/exchange.ts';
import type { Said } from '../../support/recorded-websocket.ts';
import { recordedWebSocket } from '../../support/recorded-websocket.ts';
import { T0 } from '../../support/transaction.ts';
import { closeFrame, frame } from '../../support/websocket-frames.ts';

/** A service that does with each socket as told. */
async function serve(serves: (socket: WebSocket) => void): Promise<number> {
  const http = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: { threshold: 0 } });
  sockets.on('connection', serves);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
    http.close();
  });
  return (http.address() as AddressInfo).port;
}

async function send(trigger: Exchange, port: number): Promise<Answer> {
  return await sendTrigger(trigger, {
    connect: async () => await Promise.resolve(connect(port, '127.0.0.1')),
    signal: AbortSignal.timeout(10_000),
    clock: { now: () => Date.now() },
  });
}

function recordedAnswer({ response }: Exchange): Answer {
  return {
    status: 101,
    headers: response?.headers ?? [],
    body: response === undefined ? new Uint8Array() : bodyOf(response),
  };
}

async function differences(trigger: Exchange, port: number): Promise<readonly string[]> {
  const found = compareAnswers(recordedAnswer(trigger), await send(trigger, port), { recordedAt: T0, now: T0 });
  return found.map(({ where, recorded, asked }) => `${where}: ${recorded} ≠ ${asked}`);
}

const DIALOGUE: readonly Said[] = [
  ['client', 1, frame('text', '{"sku":"a"}')],
  ['server', 2, frame('text', '{"price":1}')],
  ['client', 3, frame('text', '{"sku":"b"}')],
  ['server', 4, closeFrame(1011, 'no price')],
  ['client', 5, closeFrame(1011)],
];

const prices = (socket: WebSocket): void =>
  void socket.on('message', (data: Buffer) => {
    if (data.toString().includes('"a"')) socket.send('{"price":1}');
    else socket.close(1011, 'no price');
  });

describe('a WebSocket of the service under replay', () => {
  it('fails again, as it did', async () => {
    expect(await differences(recordedWebSocket(DIALOGUE), await serve(prices))).toEqual([]);
  });
  it('packed where it was', async () => {
    const asked = { 'sec-websocket-extensions': 'permessage-deflate' };
    expect(await differences(recordedWebSocket(DIALOGUE, { asked }), await serve(prices))).toEqual([]);
  });
  it('that says something else', async () => {
    const fixed = (socket: WebSocket): void =>
      void socket.on('message', () => {
        socket.send('{"price":2}');
        socket.once('message', () => socket.close(1000));
      });
    const found = await differences(recordedWebSocket(DIALOGUE), await serve(fixed));
    expect(found).toContain('body[0].text.price: 1 ≠ 2');
  });
  it('that breaks off where it did', async () => {
    const said: readonly Said[] = [
      ['server', 1, frame('text', 'hi')],
      ['client', 2, frame('text', 'go')],
    ];
    const port = await serve((socket) => {
      socket.send('hi');
      socket.on('message', () => socket.terminate());
    });
    expect(await differences(recordedWebSocket(said), port)).toEqual([]);
  });
  it('that was still open is over when everything was said', async () => {
    const trigger = recordedWebSocket(
      [
        ['client', 1, frame('text', 'a')],
        ['server', 2, frame('text', 'b')],
      ],
      { more: { end: 'open' } },
    );
    const port = await serve((socket) => void socket.on('message', () => socket.send('b')));
    expect(await differences(trigger, port)).toEqual([]);
  });
  it('that answers with pings in between', async () => {
    const port = await serve((socket) => {
      socket.ping('there?');
      socket.on('pong', () => prices(socket));
      socket.once('message', () => socket.send('{"price":1}'));
    });
    expect(await differences(recordedWebSocket(DIALOGUE), port)).toEqual([]);
  });
  it('that refuses the upgrade', async () => {
    const http = createServer((_request, response) => response.writeHead(403).end('no'));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    onTestFinished(() => void http.close());
    const answer = await send(recordedWebSocket(DIALOGUE), (http.address() as AddressInfo).port);
    expect(answer).toMatchObject({ status: 403, body: Buffer.from('no') });
  });
});
