import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createCounters } from '../../src/ingest/counters.ts';
import { CLOSE_GRACE_MS, DEFAULT_LIMITS, METADATA_BYTES } from '../../src/ingest/limits.ts';
import type { TransportLimits } from '../../src/ingest/transport.ts';
import { loadTransport } from '../../src/ingest/transports.ts';
import type { TransportKind } from '../../src/ingest/transports.ts';
import { EnvoyCall } from '../support/extproc-client.ts';
import * as envoy from '../support/extproc.ts';
import { ANY_PORT, startTestIngest } from '../support/ingest.ts';
import type { TestIngest } from '../support/ingest.ts';
import { ManualTime } from '../support/manual-time.ts';

const ORDERS = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };
const NORMAL = /^(closed|cancelled)$/;

/** What any transport promises: src/ingest/transport.ts. */
export function transportContract(kind: TransportKind): void {
  let started: TestIngest[] = [];

  async function start(limits?: Partial<TransportLimits>): Promise<TestIngest> {
    const ingest = await startTestIngest(limits, ANY_PORT, kind);
    started.push(ingest);
    return ingest;
  }

  afterEach(async () => {
    for (const ingest of started) await ingest.close();
    started = [];
  });

  describe('a call', () => {
    test('arrives whole, with its metadata, and ends once when Envoy resets it', async () => {
      const { sink, counters, connect } = await start();
      new EnvoyCall(connect(), ORDERS)
        .send(
          envoy.requestHeaders({ ':path': '/a' }),
          envoy.requestBody('x'.repeat(100_000)),
          envoy.responseHeaders({ ':status': '500' }, { endOfStream: true }),
        )
        .finish();
      await sink.ends(1);
      expect(sink.streams[0]?.lines).toEqual([
        'opened orders/orders-1 inbound http',
        'requestHeaders :path=/a',
        'requestBody 100000 bytes',
        'responseHeaders :status=500 END',
        'ended closed',
      ]);
      expect(sink.streams[0]?.call.metadata).toEqual(Object.entries(ORDERS).map(([name, value]) => ({ name, value })));
      expect(counters).toMatchObject({
        connectionsOpened: 1,
        callsOpened: 1,
        callsEnded: { closed: 1, cancelled: 0 },
        messages: 3,
      });
    });

    test('ends once when it is only reset, and when its connection is lost', async () => {
      const { sink, connect } = await start();
      const session = connect();
      const reset = new EnvoyCall(session, ORDERS).send(envoy.requestHeaders({}));
      new EnvoyCall(session, ORDERS).send(envoy.requestHeaders({}));
      await sink.until(() => sink.streams.filter((stream) => stream.messages.length > 0).length === 2);
      reset.stream.close(8);
      await sink.ends(1);
      session.destroy();
      await sink.ends(2);
      // Node tells some resets as an ordinary end: both reasons are normal, so nothing rests on which it is.
      expect(sink.streams.map((stream) => stream.ends)).toEqual([
        [expect.stringMatching(NORMAL)],
        [expect.stringMatching(NORMAL)],
      ]);
    });

    test('that a polite client half-closes gets OK', async () => {
      const { sink, connect } = await start();
      const call = new EnvoyCall(connect(), ORDERS).send(envoy.requestHeaders({}));
      call.stream.end();
      expect(await call.trailers).toMatchObject({ 'grpc-status': '0' });
      expect(sink.streams[0]?.ends).toEqual(['closed']);
    });

    test('in processing mode is answered at once, message by message', async () => {
      const { connect } = await start();
      const call = new EnvoyCall(connect(), ORDERS).send(envoy.requestHeaders({}, { observabilityMode: false }));
      expect(envoy.replyKind(await call.reply())).toBe('requestHeaders');
      call.send(envoy.requestBody('x', { observabilityMode: false, endOfStream: true }));
      expect(envoy.replyKind(await call.reply())).toBe('requestBody');
      call.send(envoy.responseHeaders({}, { observabilityMode: false }));
      expect(envoy.replyKind(await call.reply())).toBe('responseHeaders');
    });

    test('goes on after a message that is none', async () => {
      const { sink, counters, connect } = await start();
      new EnvoyCall(connect(), ORDERS).send(Uint8Array.of(1, 2, 3), envoy.requestHeaders({ ':path': '/a' })).finish();
      await sink.ends(1);
      expect(sink.streams[0]?.lines).toContain('requestHeaders :path=/a');
      expect(counters.faults).toBe(1);
    });
  });

  describe('limits', () => {
    test('a chunk of 1 MiB is ordinary; a message beyond the limit ends its call alone', async () => {
      const { sink, counters, connect } = await start({ messageBytes: 2_000_000 });
      const session = connect();
      const good = new EnvoyCall(session, ORDERS).send(envoy.responseBody(Buffer.alloc(1_063_973)));
      const bad = new EnvoyCall(session, ORDERS).send(
        envoy.requestHeaders({}),
        envoy.responseBody(Buffer.alloc(2_000_001)),
      );
      expect(await bad.trailers).toMatchObject({ 'grpc-status': '8' });
      good.send(envoy.responseBody('', { endOfStream: true })).finish();
      await sink.ends(2);
      expect(sink.streams.map((stream) => stream.lines.at(-1))).toEqual(['ended closed', 'ended error']);
      expect(counters.refused.oversized).toBe(1);
      expect(session.destroyed).toBe(false);
    });

    test('a silent call is ended with OK, unless it may be silent', async () => {
      const { sink, time, connect } = await start({ idleMs: 60_000 });
      const session = connect();
      const exchange = new EnvoyCall(session, ORDERS).send(envoy.requestHeaders({ ':method': 'GET' }));
      const database = new EnvoyCall(session, { ...ORDERS, 'x-loop-protocol': 'postgres' }).send(
        envoy.requestHeaders({ ':method': 'CONNECT' }),
      );
      await sink.until(() => sink.streams.filter((stream) => stream.messages.length > 0).length === 2);

      time.advance(59_000);
      exchange.send(envoy.requestBody('still here'));
      await sink.until(() => sink.streams[0]?.messages.length === 2);
      time.advance(59_000);
      expect(sink.streams.map((stream) => stream.ends)).toEqual([[], []]);

      time.advance(60_000);
      expect(sink.streams.map((stream) => stream.ends)).toEqual([['idle'], []]);
      expect(await exchange.trailers).toMatchObject({ 'grpc-status': '0' });
      database.finish();
      await sink.ends(2);
      expect(sink.streams[1]?.ends).toEqual(['closed']);
    });

    test('a processing-mode peer that does not read its answers is let go', async () => {
      const { sink, counters, connect } = await start();
      const session = connect();
      // No window for answers: not one byte of them may be sent.
      session.settings({ initialWindowSize: 0 });
      await once(session, 'localSettings');
      const call = new EnvoyCall(session, ORDERS);
      for (let count = 0; count < 1100; count++) call.send(envoy.requestBody('x', { observabilityMode: false }));
      await sink.ends(1);
      expect(sink.streams[0]?.ends).toEqual(['error']);
      expect(counters.refused.unread).toBe(1);
    });
  });

  describe('the server', () => {
    test('is healthy by the standard health service', async () => {
      const { connect } = await start();
      const call = new EnvoyCall(connect(), {}, '/grpc.health.v1.Health/Check').send(new Uint8Array(0));
      call.stream.end();
      const Response = envoy.root.lookupType('grpc.health.v1.HealthCheckResponse');
      expect(Response.toObject(Response.decode(await call.reply()), { enums: String })).toEqual({ status: 'SERVING' });
      expect(await call.trailers).toMatchObject({ 'grpc-status': '0' });
    });

    test('refuses other calls', async () => {
      const { counters, sink, connect } = await start();
      const call = new EnvoyCall(connect(), {}, '/envoy.service.metrics.v3.MetricsService/StreamMetrics');
      expect(await call.trailers).toMatchObject({ 'grpc-status': '12' });
      expect(counters.refused.method).toBe(1);
      expect(sink.streams).toEqual([]);
    });

    test('takes no call with more metadata than sidecars have, and lets it go with OK', async () => {
      const { counters, sink, connect } = await start();
      const session = connect();
      const call = new EnvoyCall(session, { ...ORDERS, 'x-large': 'x'.repeat(METADATA_BYTES) });
      expect(await call.trailers).toMatchObject({ 'grpc-status': '0' });
      expect(counters).toMatchObject({ callsOpened: 0, refused: { metadata: 1 } });
      new EnvoyCall(session, { ...ORDERS, 'x-large': 'x'.repeat(METADATA_BYTES / 2) })
        .send(envoy.requestHeaders({}))
        .finish();
      await sink.ends(1);
      expect(counters).toMatchObject({ callsOpened: 1, refused: { metadata: 1 } });
    });

    test('closing ends open calls with OK, drops the connections, and is asked twice without harm', async () => {
      const { sink, counters, time, transport, connect } = await start();
      const session = connect();
      const call = new EnvoyCall(session, ORDERS).send(envoy.requestHeaders({}));
      await sink.until(() => sink.streams[0]?.messages.length === 1);
      const gone = once(session, 'close');
      const closed = [transport.close(), transport.close()];
      expect(await call.trailers).toMatchObject({ 'grpc-status': '0' });
      expect(sink.streams[0]?.ends).toEqual(['shutdown']);
      // The peer keeps its half of the call open: after the grace the connection goes all the same.
      time.advance(CLOSE_GRACE_MS);
      await Promise.all([...closed, gone]);
      expect(counters).toMatchObject({ connectionsOpened: 1, connectionsClosed: 1, callsEnded: { shutdown: 1 } });
    });

    test('two addresses at once; one that is taken is an error with its name', async () => {
      const { transport, address } = await start();
      const second = await transport.listen({ kind: 'tcp', host: '127.0.0.1', port: 0 });
      expect(second).not.toEqual(address);
      const other = await start();
      await expect(other.transport.listen(address)).rejects.toMatchObject({
        code: 'listen-failed',
        message: expect.stringContaining('EADDRINUSE'),
      });
    });
  });

  describe('a unix socket', () => {
    test('is for this user only, refuses a second sink, and is taken over from a dead one', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'loop-ingest-'));
      const address = { kind: 'unix', path: join(folder, 'sink.sock') } as const;
      const first = await startTestIngest({}, address, kind);
      expect((await stat(address.path)).mode & 0o777).toBe(0o600);
      new EnvoyCall(first.connect(), ORDERS).send(envoy.requestHeaders({})).finish();
      await first.sink.ends(1);

      const time = new ManualTime();
      const around = { counters: createCounters(), clock: time, schedule: time.schedule };
      const second = (await loadTransport(kind))(around)(() => {
        throw new Error('no call comes');
      }, DEFAULT_LIMITS);
      await expect(second.listen(address)).rejects.toMatchObject({
        code: 'listen-failed',
        message: expect.stringContaining('Another process listens'),
      });
      await first.close();
      await second.listen(address);
      await second.close();
      await rm(folder, { recursive: true });
    });
  });
}
