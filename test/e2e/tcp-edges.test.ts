/** What connections do besides being asked and answering, through a real Envoy's TCP loop: each is recorded as it went, once. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Conversation } from '../../src/domain/conversation.ts';
import type { Transaction } from '../../src/domain/transaction.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../src/envoy-config/version.ts';
import { patient } from '../support/patient.ts';
import { startRedis } from '../support/redis.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';
import { freePort } from '../support/server-process.ts';

const MIB = 1024 * 1024;
const UNREAD = 'peer.shop: a tcp connection that no codec reads';

const world = new AsyncDisposableStack();
let loopd: TestLoopd;
let inbound: string;
/** Where the application finds the peer of a test, nobody, and Redis. */
const ports = { peer: 0, nobody: 0, redis: 0 };
let serve: (accepted: Socket) => void = () => undefined;
let work: () => Promise<unknown> = () => Promise.resolve();

async function listening<Kind extends Server>(server: Kind): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  world.defer(() => void server.close());
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  loopd = await startTestLoopd({ recorder: { ringBytes: 4 * MIB, bodyBytes: MIB } });
  world.defer(() => loopd.close());
  const peer = await listening(createServer({ allowHalfOpen: true }, (accepted) => serve(quiet(accepted))));
  const redis = await startRedis();
  world.defer(() => redis.stop());
  const app = createHttpServer((_request, response) => {
    const done = (said: unknown): void => void response.writeHead(500).end(String(said));
    work().then(() => done('failed as it should'), done);
  });
  const appPort = await listening(app);
  for (const name of ['peer', 'nobody', 'redis'] as const) ports[name] = await freePort();
  const upstream = (name: keyof typeof ports, port: number, protocol = 'tcp') => ({
    name,
    peer: `${name}.shop:${port}`,
    protocol,
    address: socket('127.0.0.1', port),
    listen: socket('127.0.0.1', ports[name]),
  });
  const envoy = await startEnvoy(
    patient(
      sidecarYaml({
        speaker: { service: 'orders', instance: 'orders-1' },
        sink: loopd.sink,
        envoyVersion: TESTED_VERSION,
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', appPort) },
        tcp: [upstream('peer', peer), upstream('nobody', await freePort()), upstream('redis', redis.port, 'redis')],
      }),
    ),
  );
  world.defer(() => envoy.stop());
  inbound = await envoy.listener('inbound');
});

afterAll(() => world.disposeAsync());

/** What is kept of a request during which the application does this; what the access log says of it may come a little later. */
async function recorded(during: () => Promise<unknown>): Promise<() => Promise<Transaction>> {
  const before = (await allFailures(loopd.api)).length;
  work = during;
  const answer = await fetch(inbound, { method: 'POST', headers: { connection: 'close' } });
  expect(await answer.text()).toBe('failed as it should');
  const [newest] = await until(
    () => allFailures(loopd.api),
    (loops) => loops.length > before,
  );
  if (newest === undefined) throw new Error('Nothing was kept.');
  return async () => (await openLoop(loopd.api, newest.id)).transaction;
}

function quiet(connection: Socket): Socket {
  return connection.setNoDelay(true).on('error', () => undefined);
}

async function dial(port = ports.peer, allowHalfOpen = true): Promise<Socket> {
  const connection = quiet(connect({ port, host: '127.0.0.1', allowHalfOpen }));
  await once(connection, 'connect');
  return connection;
}

/** All it says until it ends, or is broken off. */
function heard(connection: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  connection.on('data', (chunk: Buffer) => (text += chunk.toString()));
  for (const event of ['end', 'close']) connection.on(event, () => resolve(text));
  return promise;
}

function saidBy(side: 'client' | 'server', { bytes }: Conversation): string {
  return Buffer.concat(bytes.filter((one) => one.side === side).map((one) => one.bytes)).toString();
}

async function outline(look: () => Promise<Transaction>) {
  const { conversations, holes } = await look();
  return {
    conversations: conversations.map((conversation) => ({
      client: saidBy('client', conversation),
      server: saidBy('server', conversation),
      flags: conversation.flags,
      ...(conversation.refused !== undefined && { refused: conversation.refused }),
    })),
    holes: holes.map(({ what }) => what),
  };
}

async function said(look: () => Promise<Transaction>): Promise<readonly string[]> {
  return (await look()).commands.map(({ command }) => command.summary);
}

test('a client that is done asking is still answered', async () => {
  serve = (accepted) => void heard(accepted).then((asked) => accepted.end(`answer to ${asked}`));
  const transaction = await recorded(async () => {
    const connection = await dial();
    const answer = heard(connection);
    connection.end('a question');
    expect(await answer).toBe('answer to a question');
  });
  await expect
    .poll(() => outline(transaction))
    .toEqual({
      conversations: [{ client: 'a question', server: 'answer to a question', flags: [] }],
      holes: [UNREAD],
    });
});

test('a server that is done answering', async () => {
  serve = (accepted) => void accepted.once('data', () => accepted.end('goodbye'));
  const transaction = await recorded(async () => {
    const connection = await dial();
    const answer = heard(connection);
    connection.write('hello');
    expect(await answer).toBe('goodbye');
    connection.end();
  });
  await expect
    .poll(() => outline(transaction))
    .toEqual({
      conversations: [{ client: 'hello', server: 'goodbye', flags: [] }],
      holes: [UNREAD],
    });
});

test('a reset by the client, and one by the server: what was said is there, and who broke it off', async () => {
  serve = (accepted) =>
    void accepted.on('data', (asked: Buffer) => {
      if (asked.toString() === 'break') accepted.resetAndDestroy();
      else accepted.write('go on');
    });
  const byClient = await recorded(async () => {
    const connection = await dial();
    connection.write('hello');
    await once(connection, 'data');
    connection.resetAndDestroy();
  });
  await expect
    .poll(() => outline(byClient))
    .toEqual({
      conversations: [{ client: 'hello', server: 'go on', flags: ['DR'] }],
      holes: [UNREAD],
    });
  const byServer = await recorded(async () => {
    const connection = await dial();
    const gone = heard(connection);
    connection.write('hello');
    await once(connection, 'data');
    connection.write('break');
    await gone;
    connection.destroy();
  });
  await expect
    .poll(() => outline(byServer))
    .toEqual({
      conversations: [{ client: 'hellobreak', server: 'go on', flags: ['UC'] }],
      holes: [UNREAD],
    });
});

test('a peer that refuses', async () => {
  const transaction = await recorded(async () => {
    const connection = await dial(ports.nobody);
    const answer = heard(connection);
    connection.write('hello');
    expect(await answer).toBe('');
    connection.destroy();
  });
  await expect
    .poll(async () => (await outline(transaction)).conversations)
    .toEqual([{ client: '', server: '', flags: ['UF'], refused: '503 UF' }]);
});

test('200 short connections: each is there once, with its own bytes', async () => {
  serve = (accepted) => void accepted.once('data', (asked: Buffer) => accepted.end(`answer to ${asked.toString()}`));
  const one = async (number: number): Promise<void> => {
    const connection = await dial();
    const answer = heard(connection);
    connection.write(`question ${number}`);
    expect(await answer).toBe(`answer to question ${number}`);
    connection.end();
  };
  const transaction = await recorded(async () => {
    for (let first = 0; first < 200; first += 20)
      await Promise.all(Array.from({ length: 20 }, (_, index) => one(first + index)));
  });
  await expect
    .poll(async () => {
      const { conversations, holes } = await outline(transaction);
      return [conversations.map(({ client, server }) => `${client}: ${server}`).toSorted(), [...new Set(holes)]];
    })
    .toEqual([
      Array.from({ length: 200 }, (_, number) => `question ${number}: answer to question ${number}`).toSorted(),
      [UNREAD],
    ]);
});

test('a connection that says nothing for six seconds is the same one afterwards', async () => {
  serve = (accepted) => void accepted.on('data', (asked: Buffer) => accepted.write(`answer to ${asked.toString()}`));
  let connection: Socket | undefined;
  const ask = async (what: string): Promise<void> => {
    connection ??= await dial();
    connection.write(what);
    await once(connection, 'data');
  };
  const early = await recorded(() => ask('first'));
  // Longer than Envoy's log is silent about a connection that goes on.
  await delay(6_000);
  const late = await recorded(() => ask('second'));
  connection?.destroy();
  await expect
    .poll(() => outline(early))
    .toMatchObject({ conversations: [{ client: 'first', server: 'answer to first' }] });
  const second = { conversations: [{ client: 'second', server: 'answer to second' }], holes: [UNREAD] };
  await expect.poll(() => outline(late)).toMatchObject(second);
  const ids = async (look: () => Promise<Transaction>) => (await look()).conversations.map(({ id }) => id);
  expect(await ids(late)).toEqual(await ids(early));
});

test('what age takes of a connection in the middle of a request is named, and what follows is read', async () => {
  const redis = createClient({ RESP: 2, socket: { host: '127.0.0.1', port: ports.redis } });
  await redis.on('error', () => undefined).connect();
  const transaction = await recorded(async () => {
    await redis.set('first', '1');
    for (let turn = 0; turn < 16; turn += 1) await redis.set(`big:${turn}`, 'x'.repeat(MIB / 2));
    await redis.get('first');
  });
  redis.destroy();
  await expect.poll(async () => (await said(transaction)).at(-1)).toBe('GET first');
  expect(await said(transaction)).not.toContain('SET first 1');
  expect((await outline(transaction)).holes).toEqual([
    'redis.shop: a connection is recorded in pieces: what was asked in between is not known',
  ]);
});

test('an answer beyond what is kept of one is named, and what follows is read', async () => {
  const redis = createClient({ RESP: 2, socket: { host: '127.0.0.1', port: ports.redis } });
  await redis.on('error', () => undefined).connect();
  const transaction = await recorded(async () => {
    await redis.set('huge', 'x'.repeat(2 * MIB));
    await redis.get('huge');
    await redis.get('first');
  });
  redis.destroy();
  await expect.poll(() => said(transaction)).toEqual(['GET first']);
  // In how many stretches it is left out is a matter of how Envoy cut it.
  const { holes } = await outline(transaction);
  expect(new Set(holes.map((hole) => hole.replace(/\d+/, 'so many')))).toEqual(
    new Set([
      'redis.shop: a connection is recorded in pieces: what was asked in between is not known',
      'redis.shop: so many bytes from orders were not kept (budget)',
      'redis.shop: so many bytes to orders were not kept (budget)',
    ]),
  );
});
