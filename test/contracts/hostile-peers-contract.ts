// Whatever connects: the transport stays, and whoever else is connected notices nothing.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EnvoyCall, PROCESS, grpcFrame } from '../support/extproc-client.ts';
import * as envoy from '../support/extproc.ts';
import { Flag, FrameType, PREFACE, dataFrames, endAndReset, frame, headersFrames } from '../support/http2-frames.ts';
import { ANY_PORT, startTestIngest } from '../support/ingest.ts';
import type { TestIngest } from '../support/ingest.ts';
import type { TransportKind } from '../../src/ingest/transports.ts';

const ORDERS = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };
const CALL = {
  ':method': 'POST',
  ':scheme': 'http',
  ':path': PROCESS,
  ':authority': 'sink',
  'content-type': 'application/grpc',
  te: 'trailers',
  ...ORDERS,
};

/** Held against one transport. */
export function hostilePeersContract(kind: TransportKind): void {
  let ingest: TestIngest;
  let sockets: Socket[] = [];

  beforeEach(async () => {
    ingest = await startTestIngest({}, ANY_PORT, kind);
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    await ingest.close();
  });

  function rawSocket(): Socket {
    if (ingest.address.kind !== 'tcp') throw new Error('not TCP');
    const socket = connect(ingest.address.port, ingest.address.host);
    socket.on('error', () => undefined);
    socket.resume();
    sockets.push(socket);
    return socket;
  }

  /** Not events.once: the peer may well break the connection, and that is no error here. */
  function whenClosed(socket: Socket): Promise<void> {
    return new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Writes as fast as the peer takes it, and stops when it hangs up. */
  async function pour(socket: Socket, pieces: Iterable<Uint8Array>): Promise<void> {
    const closed = whenClosed(socket);
    for (const piece of pieces) {
      if (socket.destroyed) return;
      if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
    }
  }

  async function anExchangeStillArrives(): Promise<void> {
    const before = ingest.sink.streams.length;
    new EnvoyCall(ingest.connect(), ORDERS).send(envoy.requestHeaders({ ':path': '/after' })).finish();
    await ingest.sink.ends(before + 1);
    expect(ingest.sink.streams.at(-1)?.lines).toEqual([
      'opened orders/orders-1 inbound http',
      'requestHeaders :path=/after',
      'ended closed',
    ]);
  }

  describe('resets', () => {
    test(
      '5,000 calls of one connection, each ended as Envoy does: none is lost, and neither is the connection',
      { timeout: 60_000 },
      async () => {
        const session = ingest.connect();
        for (let count = 0; count < 5000; count++) {
          const call = new EnvoyCall(session, ORDERS).send(envoy.requestHeaders({ ':path': `/${count}` }));
          call.finish();
          if (count % 50 === 0) await ingest.sink.ends(count - 50);
        }
        await ingest.sink.ends(5000);
        expect(ingest.sink.streams.every((stream) => stream.messages.length === 1 && stream.ends.length === 1)).toBe(
          true,
        );
        expect(ingest.counters).toMatchObject({
          connectionsOpened: 1,
          connectionsClosed: 0,
          callsOpened: 5000,
          callsEnded: { closed: 5000 },
        });
      },
    );

    test('calls that come in one piece with their reset lose nothing', async () => {
      const messages = [
        envoy.requestHeaders({ ':path': '/a' }),
        envoy.requestBody(Buffer.alloc(40_000)),
        envoy.responseHeaders({ ':status': '500' }),
        envoy.responseBody('', { endOfStream: true }),
      ];
      const socket = rawSocket();
      socket.write(PREFACE);
      await once(socket, 'data');
      const calls = Array.from({ length: 20 }, (_, index) => 2 * index + 1);
      socket.write(
        Buffer.concat(
          calls.flatMap((id) => [
            ...headersFrames(id, CALL),
            ...dataFrames(id, Buffer.concat(messages.map(grpcFrame))),
            endAndReset(id),
          ]),
        ),
      );
      await ingest.sink.ends(calls.length);
      for (const stream of ingest.sink.streams) {
        expect(stream.messages).toEqual(messages);
        expect(stream.ends).toHaveLength(1);
      }
    });
  });

  describe('connections that are refused', () => {
    test.each([
      ['garbage', Buffer.alloc(4096, 0x41)],
      ['an HTTP/1.1 request', Buffer.from('GET / HTTP/1.1\r\nhost: sink\r\n\r\n')],
      ['a preface and then garbage', Buffer.concat([PREFACE, Buffer.alloc(4096, 0xff)])],
    ])('%s', async (_name, bytes) => {
      const socket = rawSocket();
      socket.write(bytes);
      await whenClosed(socket);
      expect(ingest.counters.refused.protocol).toBe(1);
      await anExchangeStillArrives();
    });

    test.each([200 * 1024, 100_000_000])('a header block of %d bytes', async (size) => {
      const socket = rawSocket();
      const closed = whenClosed(socket);
      await pour(socket, [PREFACE, ...headersFrames(1, { ...CALL, 'x-big': 'a'.repeat(size) })]);
      await closed;
      expect(ingest.counters.refused.protocol).toBe(1);
      expect(ingest.sink.streams).toEqual([]);
      await anExchangeStillArrives();
    });
  });

  test('a message that claims 4 GB ends its call before it comes', async () => {
    const socket = rawSocket();
    socket.write(
      Buffer.concat([PREFACE, ...headersFrames(1, CALL), ...dataFrames(1, Buffer.of(0, 0xff, 0xff, 0xff, 0xff))]),
    );
    await ingest.sink.ends(1);
    expect(ingest.sink.streams[0]?.ends).toEqual(['error']);
    expect(ingest.counters.refused.oversized).toBe(1);
    await anExchangeStillArrives();
  });

  test('half a message, then the end', async () => {
    const socket = rawSocket();
    const half = grpcFrame(envoy.requestHeaders({ ':path': '/a' })).subarray(0, 9);
    socket.write(Buffer.concat([PREFACE, ...headersFrames(1, CALL), frame(FrameType.data, Flag.endStream, 1, half)]));
    await ingest.sink.ends(1);
    expect(ingest.sink.streams[0]?.lines).toEqual(['opened orders/orders-1 inbound http', 'ended closed']);
    await anExchangeStillArrives();
  });

  test('a compressed message is not unpacked: it ends its call', async () => {
    const call = new EnvoyCall(ingest.connect(), { ...ORDERS, 'grpc-encoding': 'gzip' });
    const message = grpcFrame(gzipSync(envoy.requestHeaders({ ':path': '/a' })));
    message[0] = 1;
    call.stream.write(message);
    expect(await call.trailers).toMatchObject({ 'grpc-status': '12' });
    await ingest.sink.ends(1);
    expect(ingest.sink.streams[0]?.lines).toEqual(['opened orders/orders-1 inbound http', 'ended error']);
    expect(ingest.counters.refused.compressed).toBe(1);
    await anExchangeStillArrives();
  });

  test('a call that may send compressed messages and sends plain ones is recorded', async () => {
    const call = new EnvoyCall(ingest.connect(), { ...ORDERS, 'grpc-encoding': 'gzip' });
    call.send(envoy.requestHeaders({ ':path': '/a' })).finish();
    await ingest.sink.ends(1);
    expect(ingest.sink.streams[0]?.lines).toContain('requestHeaders :path=/a');
  });

  describe('messages that are not whole yet', () => {
    const begun = (size: number): Buffer => {
      const prefix = Buffer.alloc(5 + size);
      prefix.writeUInt32BE(8_000_000, 1);
      return prefix;
    };

    test('of many calls: those that hold most are reset, others stay', async () => {
      const patient = new EnvoyCall(ingest.connect(), ORDERS);
      const whole = grpcFrame(envoy.requestHeaders({ ':path': '/patient' }));
      patient.stream.write(whole.subarray(0, 20));
      const session = ingest.connect();
      const calls = Array.from({ length: 40 }, () => new EnvoyCall(session, ORDERS));
      for (const call of calls) call.stream.write(begun(7_000_000));
      await ingest.sink.until(() => ingest.counters.refused.unfinished >= 20);
      for (const call of calls) call.stream.close();
      patient.stream.write(whole.subarray(20));
      patient.finish();
      await ingest.sink.until(() => ingest.sink.streams.some(({ lines }) => lines.includes('ended closed')));
      expect(ingest.sink.streams[0]?.lines).toEqual([
        'opened orders/orders-1 inbound http',
        'requestHeaders :path=/patient',
        'ended closed',
      ]);
    });

    test('byte by byte, a frame each, are one message in the end', { timeout: 30_000 }, async () => {
      const message = envoy.requestBody('x'.repeat(20_000));
      const bytes = grpcFrame(message);
      const frames = Array.from(bytes, (_byte, at) => frame(FrameType.data, 0, 1, bytes.subarray(at, at + 1)));
      await pour(rawSocket(), [PREFACE, ...headersFrames(1, CALL), Buffer.concat(frames), endAndReset(1)]);
      await ingest.sink.ends(1);
      expect(ingest.sink.streams[0]?.messages).toEqual([message]);
      await anExchangeStillArrives();
    });
  });
}
