import { once } from 'node:events';
import { connect } from 'node:net';
import type { ClientHttp2Session } from 'node:http2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SETTLE_MS } from '../../../../src/ingest/limits.ts';
import { hostilePeersContract } from '../../../contracts/hostile-peers-contract.ts';
import { transportContract } from '../../../contracts/transport-contract.ts';
import { EnvoyCall } from '../../../support/extproc-client.ts';
import * as envoy from '../../../support/extproc.ts';
import { startTestIngest } from '../../../support/ingest.ts';
import type { TestIngest } from '../../../support/ingest.ts';

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
