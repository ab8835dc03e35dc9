import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { agreedDeflate, MessageDeflater } from '../../../../src/wire/websocket/deflate.ts';
import { serveRecorded } from '../../../support/http-mock.ts';
import type { ServedMock } from '../../../support/http-mock.ts';
import type { Said } from '../../../support/recorded-websocket.ts';
import { recordedWebSocket } from '../../../support/recorded-websocket.ts';
import { exchange, message } from '../../../support/transaction.ts';
import { until } from '../../../support/until.ts';
import { closeFrame, frame, framed } from '../../../support/websocket-frames.ts';

const DEFLATE = 'permessage-deflate; client_max_window_bits=12';

/** A client that says what it heard, in order. */
class Client {
  readonly socket: WebSocket;
  readonly heard: string[] = [];

  constructor({ port }: ServedMock, path = '/feed', protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { perMessageDeflate: false, ...options });
    this.socket.on('upgrade', ({ statusCode }) => this.heard.push(`${statusCode}`));
    this.socket.on('message', (data: Buffer, binary) =>
      this.heard.push(`${binary ? 'binary' : 'text'} ${data.toString()}`),
    );
    this.socket.on('ping', (data) => this.heard.push(`ping ${data.toString()}`));
    this.socket.on('pong', (data) => this.heard.push(`pong ${data.toString()}`));
    this.socket.on('error', (error) => this.heard.push(`error ${error.message}`));
    this.socket.on('close', (code, reason) => this.heard.push(`close ${code} ${reason.toString()}`.trimEnd()));
  }

  async hears(line: string): Promise<readonly string[]> {
    await until(
      () => this.heard,
      (heard) => heard.some((one) => one.startsWith(line)),
      5000,
    );
    return this.heard;
  }
}

const DIALOGUE: readonly Said[] = [
  ['server', 1, frame('text', 'welcome')],
  ['client', 2, frame('text', '{"subscribe":"acme"}')],
  ['server', 3, frame('text', '{"price":1}')],
  ['server', 4, frame('binary', 'raw')],
  ['client', 5, frame('text', 'enough')],
  ['server', 6, closeFrame(1000, 'bye')],
  ['client', 7, closeFrame(1000, 'bye')],
];

describe('a dialogue', () => {
  it('goes on when the client has said what it said', async () => {
    const mock = await serveRecorded(recordedWebSocket(DIALOGUE));
    const client = new Client(mock);
    expect(await client.hears('text welcome')).toEqual(['101', 'text welcome']);
    client.socket.send('{"subscribe":"acme"}');
    await client.hears('binary');
    client.socket.send('enough');
    expect(await client.hears('close')).toEqual([
      '101',
      'text welcome',
      'text {"price":1}',
      'binary raw',
      'close 1000 bye',
    ]);
    await until(
      () => mock.calls,
      (calls) => calls.length > 0,
      5000,
    );
    expect(mock.calls).toMatchObject([
      {
        protocol: 'websocket',
        peer: 'pricing:443',
        summary: '/feed (2 sent, 3 received)',
        grade: 'exact',
        exchange: '00000000000000aa.1',
      },
    ]);
    expect(mock.mock.unused()).toEqual([]);
  });

  it('says what the client said otherwise', async () => {
    const mock = await serveRecorded(recordedWebSocket(DIALOGUE));
    const client = new Client(mock);
    await client.hears('text welcome');
    client.socket.send('{"subscribe":"other"}');
    await client.hears('binary');
    client.socket.close(1001, 'no more');
    expect(await client.hears('close')).toContain('close 1000 bye');
    await until(
      () => mock.calls,
      (calls) => calls.length > 0,
      5000,
    );
    expect(mock.calls).toMatchObject([{ grade: 'drifted' }]);
    expect(mock.calls[0]?.explanation).toEqual([
      'text 1.subscribe: recorded "acme", asked "other"',
      'the client ended (close 1001) after 1 message: 1 more were recorded',
    ]);
  });

  it('over TLS', async () => {
    const mock = await serveRecorded(
      recordedWebSocket([['server', 1, frame('text', 'hi')]], { more: { end: 'open' } }),
    );
    const client = new WebSocket(`wss://localhost:${mock.port}/feed`, { ca: mock.authority });
    const [data] = (await once(client, 'message')) as [Buffer];
    expect(data.toString()).toBe('hi');
    client.close();
    await once(client, 'close');
  });
});

describe('how it ends', () => {
  it.each([1001, 1011, 4000])('with %s of the server', async (code) => {
    const client = new Client(await serveRecorded(recordedWebSocket([['server', 1, closeFrame(code, 'why')]])));
    expect(await client.hears('close')).toContain(`close ${code} why`);
  });
  it('broken off, as 1006', async () => {
    const client = new Client(await serveRecorded(recordedWebSocket([['server', 1, frame('text', 'last')]])));
    const heard = await client.hears('close');
    expect(heard).toContain('text last');
    expect(heard.at(-1)).toBe('close 1006');
  });
  it('by the client, who is answered with the same where the recording was still open', async () => {
    const mock = await serveRecorded(
      recordedWebSocket([['server', 1, frame('text', 'hi')]], { more: { end: 'open' } }),
    );
    const client = new Client(mock);
    await client.hears('text hi');
    client.socket.close(1000, 'done');
    expect(await client.hears('close')).toContain('close 1000 done');
  });
  it('not at all: it counts as far as it went', async () => {
    const mock = await serveRecorded(
      recordedWebSocket([['server', 1, frame('text', 'hi')]], { more: { end: 'open' } }),
    );
    const client = new Client(mock);
    await client.hears('text hi');
    mock.mock.settle?.();
    expect(mock.calls).toMatchObject([{ grade: 'exact', summary: '/feed (0 sent, 1 received)' }]);
    client.socket.terminate();
  });
});

describe('pings', () => {
  it('of the client are answered, those of the server sent', async () => {
    const client = new Client(
      await serveRecorded(
        recordedWebSocket(
          [
            ['server', 1, frame('ping', 'alive?')],
            ['client', 2, frame('pong', 'alive?')],
            ['client', 3, frame('ping', '1')],
            ['server', 4, frame('pong', '1')],
            ['server', 5, frame('text', 'end')],
          ],
          { more: { end: 'open' } },
        ),
      ),
    );
    await client.hears('text end');
    client.socket.ping('mine');
    expect(await client.hears('pong')).toEqual(['101', 'ping alive?', 'text end', 'pong mine']);
    client.socket.terminate();
  });
});

describe('compression', () => {
  const packed = (text: string, deflater: MessageDeflater) =>
    frame('text', deflater.deflate(Buffer.from(text)), { compressed: true });
  const server = new MessageDeflater({ noContext: false, bits: 15 });
  const compressed: readonly Said[] = [
    ['server', 1, packed('one and one', server)],
    ['server', 2, packed('one and one again', server)],
    ['client', 3, packed('thanks', new MessageDeflater({ noContext: false, bits: 12 }))],
    ['server', 4, closeFrame(1000)],
  ];
  const plain: readonly Said[] = [
    ['server', 1, frame('text', 'one and one')],
    ['server', 2, frame('text', 'one and one again')],
    ['client', 3, frame('text', 'thanks')],
    ['server', 4, closeFrame(1000)],
  ];
  const RECORDED = [
    ['packed', compressed, { answered: { 'sec-websocket-extensions': DEFLATE } }],
    ['plain', plain, {}],
  ] as const;
  for (const [how, said, of] of RECORDED)
    it.each([true, false])(`recorded ${how}, the client offers it: %s`, async (perMessageDeflate) => {
      const mock = await serveRecorded(recordedWebSocket(said, of));
      const client = new Client(mock, '/feed', [], { perMessageDeflate });
      await client.hears('text one and one again');
      expect(client.socket.extensions).toBe(how === 'packed' && perMessageDeflate ? 'permessage-deflate' : '');
      client.socket.send('thanks');
      expect(await client.hears('close')).toEqual(['101', 'text one and one', 'text one and one again', 'close 1000']);
      await until(
        () => mock.calls,
        (calls) => calls.length > 0,
        5000,
      );
      expect(mock.calls).toMatchObject([{ grade: 'exact' }]);
    });
  it('is agreed as it was', () => expect(agreedDeflate(DEFLATE)?.client.bits).toBe(12));
});

describe('which one', () => {
  const greets = (text: string, of: Parameters<typeof recordedWebSocket>[1]) =>
    recordedWebSocket([['server', 1, frame('text', text)]], { ...of, more: { end: 'open' } });
  it('by its query', async () => {
    const mock = await serveRecorded(greets('a', { path: '/feed?room=a' }), greets('b', { path: '/feed?room=b' }));
    const client = new Client(mock, '/feed?room=b');
    expect(await client.hears('text')).toEqual(['101', 'text b']);
    client.socket.terminate();
  });
  it('by its subprotocol', async () => {
    const of = (name: string) => ({
      asked: { 'sec-websocket-protocol': name },
      answered: { 'sec-websocket-protocol': name },
    });
    const mock = await serveRecorded(greets('one', of('v1')), greets('two', of('v2')));
    const client = new Client(mock, '/feed', ['v3', 'v2']);
    expect(await client.hears('text')).toEqual(['101', 'text two']);
    expect(client.socket.protocol).toBe('v2');
    client.socket.terminate();
  });
  it('by what the client says first', async () => {
    const asks = (name: string): readonly Said[] => [
      ['client', 1, frame('text', name)],
      ['server', 2, frame('text', `about ${name}`)],
    ];
    const mock = await serveRecorded(
      ...['a', 'b'].map((name) => recordedWebSocket(asks(name), { more: { end: 'open' } })),
    );
    const client = new Client(mock);
    await client.hears('101');
    client.socket.send('b');
    expect(await client.hears('text')).toEqual(['101', 'text about b']);
    client.socket.terminate();
  });
  it('none is left: the client is refused, and that is a miss', async () => {
    const mock = await serveRecorded(greets('once', {}));
    const first = new Client(mock);
    await first.hears('text once');
    const second = new Client(mock);
    expect(await second.hears('error')).toContain('error Unexpected server response: 501');
    expect(mock.calls).toMatchObject([{ protocol: 'websocket', grade: 'missed' }]);
    first.socket.terminate();
  });
  it('an upgrade that was refused is refused again', async () => {
    const refused = exchange(1, {
      request: message({ ':method': 'GET', ':path': '/feed', ':authority': 'pricing', upgrade: 'websocket' }),
      response: message({ ':status': '401' }, 'who are you?'),
    });
    const client = new Client(await serveRecorded(refused));
    expect(await client.hears('error')).toContain('error Unexpected server response: 401');
  });
});

it('bytes that are no frames are answered with the code for it', async () => {
  const mock = await serveRecorded(recordedWebSocket([], { more: { end: 'open' } }));
  const socket = connect(mock.port, '127.0.0.1');
  socket.write(
    'GET /feed HTTP/1.1\r\nHost: pricing\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n',
  );
  await once(socket, 'data');
  socket.write(Uint8Array.of(0xf3, 0, 0, 0));
  const [closed] = (await once(socket, 'data')) as [Buffer];
  expect(closed.subarray(0, 4)).toEqual(Buffer.from([0x88, closed.length - 2, 0x03, 0xea]));
});

describe('more frames than anybody reads', () => {
  const ticks = framed(Array.from({ length: 60_000 }, () => frame('binary', 'x')));
  it('go out as they were, their end with them, and are not called exact', async () => {
    const mock = await serveRecorded(
      recordedWebSocket([
        ['server', 1, ticks],
        ['server', 2, closeFrame(1011, 'enough')],
      ]),
    );
    const client = new Client(mock);
    const heard = await client.hears('close');
    expect(heard.length).toBe(60_002);
    expect(heard.at(-1)).toBe('close 1011 enough');
    await until(
      () => mock.calls,
      (calls) => calls.length > 0,
      5000,
    );
    expect(mock.calls).toMatchObject([{ grade: 'drifted' }]);
    expect(mock.calls[0]?.explanation).toContain('what the server sent was not readable to its end (too-many)');
  });
  it('may come from a client', async () => {
    const mock = await serveRecorded(
      recordedWebSocket([['server', 1, frame('text', 'hi')]], { more: { end: 'open' } }),
    );
    const client = new Client(mock);
    await client.hears('text hi');
    for (let turn = 0; turn < 50_001; turn += 1) client.socket.send('x');
    client.socket.close(1000, 'done');
    expect((await client.hears('close')).at(-1)).toBe('close 1000 done');
  });
});
