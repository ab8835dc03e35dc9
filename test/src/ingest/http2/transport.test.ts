import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import type { ClientHttp2Session } from 'node:http2';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createCounters } from '../../../../src/ingest/counters.ts';
import { http2Transport } from '../../../../src/ingest/http2/transport.ts';
import { Inbox } from '../../../../src/ingest/inbox.ts';
import { DEFAULT_LIMITS, SETTLE_MS } from '../../../../src/ingest/limits.ts';
import type { CallReceiver } from '../../../../src/ingest/transport.ts';
import { hostilePeersContract } from '../../../contracts/hostile-peers-contract.ts';
import { transportContract } from '../../../contracts/transport-contract.ts';
import { connectTo, EnvoyCall } from '../../../support/extproc-client.ts';
import * as envoy from '../../../support/extproc.ts';
import { ANY_PORT, startTestIngest } from '../../../support/ingest.ts';
import type { TestIngest } from '../../../support/ingest.ts';
import { ManualTime } from '../../../support/manual-time.ts';
import { until } from '../../../support/until.ts';

describe('http2', () => {
  transportContract('http2');
  hostilePeersContract('http2');
});

const ORDERS = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };

let ingest: TestIngest;
beforeEach(async () => {
  ingest = await startTestIngest();
});
afterEach(() => ingest.close());

async function health(session: ClientHttp2Session): Promise<unknown> {
  const call = new EnvoyCall(session, {}, '/grpc.health.v1.Health/Check').send(new Uint8Array(0));
  call.stream.end();
  const Response = envoy.root.lookupType('grpc.health.v1.HealthCheckResponse');
  return Response.toObject(Response.decode(await call.reply()), { enums: String });
}

describe('a drain', () => {
  test('waits for exchanges, not for databases; health is answered all the while, and new connections are not taken', async () => {
    const { sink, time, transport, connect: session } = ingest;
    const checks = session();
    expect(await health(checks)).toEqual({ status: 'SERVING' });
    const carrying = session();
    const exchange = new EnvoyCall(carrying, ORDERS).send(envoy.requestHeaders({ ':method': 'GET' }));
    const database = new EnvoyCall(carrying, { ...ORDERS, 'x-loop-protocol': 'postgres' }).send(
      envoy.requestHeaders({ ':method': 'CONNECT' }),
    );
    await sink.until(() => sink.streams.filter(({ messages }) => messages.length > 0).length === 2);

    const told = once(carrying, 'goaway');
    const drained = transport.drain(5000);
    await told;
    exchange.send(envoy.responseHeaders({ ':status': '200' }, { endOfStream: true })).finish();
    await sink.ends(1);
    expect(sink.streams.map(({ ends }) => ends)).toEqual([['closed'], []]);
    expect(await health(checks)).toEqual({ status: 'SERVING' });
    time.advance(100);
    await drained;
    expect(await database.trailers).toMatchObject({ 'grpc-status': '0' });
    expect(sink.streams[1]?.ends).toEqual(['shutdown']);
    transport.serving(false);
    expect(await health(checks)).toEqual({ status: 'NOT_SERVING' });
    const late = session();
    await new Promise((resolve) => late.once('close', () => resolve(undefined)));
  });

  test('ends after its time, whoever is still there', async () => {
    const { sink, time, transport, connect: session } = ingest;
    const exchange = new EnvoyCall(session(), ORDERS).send(envoy.requestHeaders({ ':method': 'GET' }));
    await sink.until(() => sink.streams[0]?.messages.length === 1);
    const drained = transport.drain(50);
    // It looks by the clock, a look at a time.
    for (let look = 0; look < 4; look++) {
      time.advance(20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await drained;
    expect(sink.streams[0]?.ends).toEqual(['shutdown']);
    expect(await exchange.trailers).toMatchObject({ 'grpc-status': '0' });
  });
});

describe('a call that the sink ends', () => {
  test('leaves no half of it open', async () => {
    const { sink, time, connect: session } = ingest;
    const call = new EnvoyCall(session(), ORDERS).send(envoy.requestHeaders({ ':method': 'GET' }));
    await sink.until(() => sink.streams[0]?.messages.length === 1);
    const over = once(call.stream, 'close');
    time.advance(2 * DEFAULT_LIMITS.idleMs);
    expect(await call.trailers).toMatchObject({ 'grpc-status': '0' });
    await over;
    expect(call.stream.rstCode).toBe(0);
    expect(sink.streams[0]?.ends).toEqual(['idle']);
  });

  test('costs nobody else anything when its end fails', async () => {
    const counters = createCounters();
    const time = new ManualTime();
    const messages = new EventEmitter();
    const broken: CallReceiver = {
      message: () => void messages.emit('one'),
      mayIdle: () => false,
      ended: () => {
        throw new Error('the end fails');
      },
    };
    const transport = http2Transport({ counters, clock: time, schedule: time.schedule })(() => broken, DEFAULT_LIMITS);
    onTestFinished(() => transport.close());
    const address = await transport.listen(ANY_PORT);
    const begin = async (): Promise<ClientHttp2Session> => {
      const session = connectTo(address);
      onTestFinished(() => session.destroy());
      const came = once(messages, 'one');
      new EnvoyCall(session, ORDERS).send(envoy.requestHeaders({ ':method': 'GET' }));
      await came;
      return session;
    };
    const [lost] = [await begin(), await begin()];
    lost?.destroy();
    await until(
      () => counters.connectionsClosed,
      (closed) => closed === 1,
    );
    expect(counters.refused.internal).toBe(1);
    time.advance(2 * DEFAULT_LIMITS.idleMs);
    expect(counters).toMatchObject({ callsEnded: { cancelled: 1, idle: 1 }, refused: { internal: 2 } });
  });
});

test('what a socket gave is let go as soon as it was read', async () => {
  class Kept extends Inbox {
    readonly chunks: Buffer[] = [];
    override add(...[reader, chunk, urgent]: Parameters<Inbox['add']>): void {
      this.chunks.push(chunk);
      super.add(reader, chunk, urgent);
    }
  }
  const time = new ManualTime();
  const inbox = new Kept({ now: () => time.now(), schedule: time.schedule, holdMs: 16 });
  const messages = new EventEmitter();
  const receiver: CallReceiver = {
    mayIdle: () => false,
    message: () => void messages.emit('one', inbox.chunks.at(-1)?.length),
    ended: () => undefined,
  };
  const around = { counters: createCounters(), clock: inbox.clock, schedule: time.schedule, inbox };
  const transport = http2Transport(around)(() => receiver, DEFAULT_LIMITS);
  onTestFinished(() => transport.close());
  const session = connectTo(await transport.listen(ANY_PORT));
  onTestFinished(() => session.destroy());
  const came = once(messages, 'one');
  new EnvoyCall(session, ORDERS).send(envoy.requestHeaders({ ':method': 'GET' }));
  expect((await came)[0]).toBeGreaterThan(0);
  await until(
    () => inbox.chunks,
    (chunks) => chunks.every(({ length }) => length === 0),
  );
});

test('connections beyond those that may be open are closed, and there is room again when one leaves', async () => {
  const crowded = await startTestIngest({ connections: 2 });
  onTestFinished(() => crowded.close());
  const first = crowded.connect();
  const second = crowded.connect();
  for (const session of [first, second]) expect(await health(session)).toEqual({ status: 'SERVING' });
  await once(crowded.connect(), 'close');
  expect(crowded.counters).toMatchObject({ connectionsOpened: 2, refused: { crowded: 1 } });
  expect(await health(first)).toEqual({ status: 'SERVING' });
  second.destroy();
  await until(
    () => crowded.counters.connectionsClosed,
    (closed) => closed === 1,
  );
  expect(await health(crowded.connect())).toEqual({ status: 'SERVING' });
});

test('a connection that does not begin to speak HTTP/2 is closed after a while, and one that did is not', async () => {
  const spoken = ingest.connect();
  expect(await health(spoken)).toEqual({ status: 'SERVING' });
  const port = ingest.address.kind === 'tcp' ? ingest.address.port : 0;
  const silent = connect(port, '127.0.0.1').resume();
  await once(silent, 'data');
  const closed = once(silent, 'close');
  ingest.time.advance(SETTLE_MS);
  await closed;
  expect(await health(spoken)).toEqual({ status: 'SERVING' });
});
