import { once } from 'node:events';
import { createServer as createHttp1 } from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { connect } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendTrigger } from '../../../replay-sandbox/launch/trigger.ts';
import { grpcOutcome, NO_ANSWER } from '../../../replay-sandbox/compare/answer.ts';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { bodyOf } from '../../../src/domain/exchange.ts';
import { encodeGrpcFrame } from '../../../src/wire/grpc/framing.ts';
import { exchange, headers, message } from '../../support/transaction.ts';

const FRAME = encodeGrpcFrame({ compressed: false, bytes: Buffer.from('hello') });
const PATH = '/shop.Pricing/Quote';
const GRPC = { 'content-type': 'application/grpc', te: 'trailers' };

function recorded(protocol: string, more: Parameters<typeof headers>[0] = GRPC, status = '13'): Exchange {
  return exchange(1, {
    protocol,
    request: message(
      { ':method': 'POST', ':path': PATH, ':authority': 'pricing.shop', ':scheme': 'http', ...more },
      FRAME,
    ),
    response: message({ ':status': '200', 'content-type': 'application/grpc' }, '', {
      trailers: headers({ 'grpc-status': status }),
    }),
  });
}

const send = (trigger: Exchange, port: number, signal = AbortSignal.timeout(10_000), patient = false) =>
  sendTrigger(trigger, {
    connect: async () => Promise.resolve(connect(port, '127.0.0.1')),
    signal,
    patient,
    clock: { now: () => performance.now() },
  });

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const same = (bytes: Buffer): Buffer => bytes;

async function grpcService(handler: grpc.handleUnaryCall<Buffer, Buffer>): Promise<number> {
  const server = new grpc.Server();
  onTestFinished(() => server.forceShutdown());
  server.register(PATH, handler, same, same, 'unary');
  const bind = server.bindAsync.bind(server);
  return await new Promise((resolve, reject) =>
    bind('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  );
}

describe('a trigger recorded over HTTP/2', () => {
  it('is heard by a gRPC service, whose answer comes with its trailers', async () => {
    const port = await grpcService((call, reply) => {
      const trailer = new grpc.Metadata();
      trailer.set('x-own', String(call.metadata.get('x-who')[0]));
      reply(null, Buffer.from(call.request.toString().toUpperCase()), trailer);
    });
    const answer = await send(recorded('http/2', { ...GRPC, 'x-who': 'c-12' }), port);
    expect([answer.status, Buffer.from(answer.body).toString('latin1')]).toEqual([200, '\0\0\0\0\x05HELLO']);
    expect(grpcOutcome(answer)).toEqual({ status: 0, name: 'OK', message: 'OK' });
    expect(answer.trailers).toContainEqual({ name: 'x-own', value: 'c-12' });
  });

  it('is heard failing', async () => {
    const port = await grpcService((_call, reply) => reply({ code: grpc.status.INTERNAL, details: 'kaput' }));
    expect(grpcOutcome(await send(recorded('http/2'), port))).toEqual({
      status: 13,
      name: 'INTERNAL',
      message: 'kaput',
    });
  });

  it.each([
    ['a failure is given time to happen again', '13', 3_500_000, Infinity],
    ['a deadline that passed passes again', '4', 0, 250],
  ])('%s', async (_what, status, least, most) => {
    let left = Number.NaN;
    const port = await grpcService((call, reply) => {
      left = Number(call.getDeadline()) - Date.now();
      reply({ code: grpc.status.INTERNAL });
    });
    await send(recorded('http/2', { ...GRPC, 'grpc-timeout': '250m' }, status), port);
    expect(left).toBeGreaterThan(least);
    expect(left).toBeLessThanOrEqual(most);
  });

  describe('whose client left when its deadline had passed', () => {
    const left = (begun: boolean): Exchange => {
      const { response, ...asked } = recorded('http/2', { ...GRPC, 'grpc-timeout': '250m' });
      const answer = begun && response ? { response: { ...response, trailers: [], complete: false } } : {};
      return { ...asked, ...answer, logged: true, flags: ['DR'], endedAt: asked.startedAt + 251 };
    };

    it.each([false, true])('leaves again when it passes, whether the service had begun (%s) or not', async (begun) => {
      const gone = Promise.withResolvers<number>();
      let asked = Number.NaN;
      const port = await grpcService((call) => {
        asked = performance.now();
        if (begun) call.sendMetadata(new grpc.Metadata());
        call.on('cancelled', () => gone.resolve(performance.now()));
      });
      const answer = await send(left(begun), port);
      expect([answer.status, answer.trailers ?? []]).toEqual([begun ? 200 : undefined, []]);
      expect((await gone.promise) - asked).toBeLessThan(5000);
    });

    it('does not care that the service said first that it was too late', async () => {
      const port = await grpcService((call, reply) => {
        if (call.metadata.get('x-begins').length > 0) call.sendMetadata(new grpc.Metadata());
        reply({ code: grpc.status.DEADLINE_EXCEEDED });
      });
      expect(await send(left(false), port)).toEqual(NO_ANSWER);
      const { request = message({}), ...rest } = left(true);
      const begins = { ...request, headers: [...request.headers, { name: 'x-begins', value: 'yes' }] };
      expect(await send({ ...rest, request: begins }, port)).toMatchObject({ status: 200, trailers: [] });
    });

    it('hears an answer that comes in time', async () => {
      const port = await grpcService((_call, reply) => reply(null, Buffer.from('well')));
      expect(grpcOutcome(await send(left(false), port))).toMatchObject({ status: 0 });
    });

    it('has all the time of a person who holds the service', async () => {
      let time = Number.NaN;
      const port = await grpcService((call, reply) => {
        time = Number(call.getDeadline()) - Date.now();
        setTimeout(() => reply(null, Buffer.from('well')), 300);
      });
      expect(grpcOutcome(await send(left(false), port, undefined, true))).toMatchObject({ status: 0 });
      expect(time).toBeGreaterThan(3_500_000);
    });
  });

  it('says the same line, headers and body', async () => {
    const server = http2.createServer();
    const heard = Promise.withResolvers<readonly string[]>();
    server.on('stream', (stream, _headers, _flags, raw: readonly string[]) => {
      heard.resolve(raw);
      stream.respond({ ':status': 500 }, { endStream: true });
    });
    await send(recorded('http/2', { 'x-twice': ['one', 'two'], connection: 'keep-alive' }), await listen(server));
    expect((await heard.promise).slice(0, 12)).toEqual([
      ':method',
      'POST',
      ':path',
      PATH,
      ':scheme',
      'http',
      ':authority',
      'pricing.shop',
      'x-twice',
      'one',
      'x-twice',
      'two',
    ]);
  });

  it('is sent over HTTP/1.1 to a service that knows nothing else, unless it is a gRPC call', async () => {
    const asked: string[] = [];
    const server = createHttp1((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.httpVersion} ${request.headers.host}`);
      response.writeHead(500).end('kaput');
    });
    const port = await listen(server);
    const answer = await send(recorded('http/2', {}), port);
    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([500, 'kaput']);
    expect((await send(recorded('http/2'), port)).status).toBeUndefined();
    expect(asked).toEqual([`POST ${PATH} 1.1 pricing.shop`]);
  });

  it('gets no answer from a service that drops the connection, or says nothing in time', async () => {
    const server = http2.createServer();
    server.on('stream', (stream, { 'x-drop': drop }) => {
      if (drop !== undefined) stream.session?.destroy();
    });
    const port = await listen(server);
    expect((await send(recorded('http/2', { ...GRPC, 'x-drop': '1' }), port)).status).toBeUndefined();
    expect((await send(recorded('http/2'), port, AbortSignal.timeout(100))).status).toBeUndefined();
    expect((await send(recorded('http/2'), port, AbortSignal.abort())).status).toBeUndefined();
  });

  it('gets what there was of an answer that was cut off', async () => {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.respond({ ':status': 200 });
      stream.write('half', () => setImmediate(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)));
    });
    const answer = await send(recorded('http/2'), await listen(server));
    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([200, 'half']);
  });
});

it('a trigger recorded over HTTP/1.1 is sent so, and its answer comes with trailers', async () => {
  const server = createHttp1((request, response) => {
    response.writeHead(200, { trailer: 'x-sum', 'x-version': request.httpVersion });
    response.addTrailers({ 'x-sum': '5' });
    response.end('x');
  });
  const trigger = recorded('http/1.1', {});
  const answer = await send(trigger, await listen(server));
  expect(answer.headers).toContainEqual({ name: 'x-version', value: '1.1' });
  expect(answer.trailers).toEqual([{ name: 'x-sum', value: '5' }]);
  expect(trigger.request && bodyOf(trigger.request).length).toBe(FRAME.length);
});
