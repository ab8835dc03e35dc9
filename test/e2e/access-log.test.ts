// What only Envoy's access log tells, from a real Envoy: who broke an answer off, and exchanges that no filter saw.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { parseTransactionKey } from '../../src/domain/ids.ts';
import { socket } from '../../src/envoy-config/address.ts';
import type { TcpUpstream } from '../../src/envoy-config/options.ts';
import { bentSidecar } from '../support/bent-sidecar.ts';
import type { Bends } from '../support/bent-sidecar.ts';
import { ClientCall } from '../support/exchanges/client.ts';
import type { Asked } from '../support/exchanges/client.ts';
import { startService } from '../support/exchanges/service.ts';
import type { TestService } from '../support/exchanges/service.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { allFailures, decided, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

interface Stage {
  readonly daemon: TestLoopd;
  readonly app: TestService;
  readonly envoy: RunningEnvoy;
  readonly ask: (listener: 'inbound' | 'outbound', path: string, asked?: Asked) => Promise<ClientCall>;
}

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function stage(bends: Bends = {}, tcp: readonly TcpUpstream[] = []): Promise<Stage> {
  const daemon = await startTestLoopd();
  closing.push(() => daemon.close());
  const app = await startService();
  closing.push(() => app.close());
  const to = (name: string, port: number, timeoutSeconds: number) => ({
    name,
    hosts: [`${name}.test`],
    address: socket('127.0.0.1', port),
    timeoutSeconds,
  });
  const envoy = await startEnvoy(
    bentSidecar(
      {
        // No name for the instance: the host's, which the access log does not say.
        speaker: { service: 'front' },
        sink: daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app.port) },
        outbound: { listen: socket('127.0.0.1', 0), upstreams: [to('slow', app.port, 0.3), to('gone', 1, 5)] },
        tcp,
      },
      { patient: true, ...bends },
    ),
  );
  closing.push(() => envoy.stop());
  app.on('/half', (call) => void call.begin(200, [['content-length', '1000']]).write(Buffer.from('half of it')));
  app.on('/cut', async (call) => {
    call.begin(200, [['content-length', '1000']]).write(Buffer.from('only a part'));
    await call.received(0);
    call.breakOff();
  });
  app.on('/fails', (call) => call.begin(500).end());
  const ask: Stage['ask'] = async (listener, path, asked) =>
    new ClientCall(await envoy.listener(listener), path, { body: Buffer.alloc(0), ...asked });
  return { daemon, app, envoy, ask };
}

async function kept({ daemon }: Stage) {
  const loops = await allFailures(daemon.api);
  return Promise.all(
    loops.map(async (loop) => ({ loop, transaction: (await openLoop(daemon.api, loop.id)).transaction })),
  );
}

async function leaveInMidAnswer(on: Stage): Promise<void> {
  const call = await on.ask('inbound', '/half');
  await call.received(10);
  call.leave();
  await on.app.calls('/half')[0]?.over();
}

describe('an answer that breaks off', () => {
  test('is tossed when its client left', async () => {
    const on = await stage();
    await leaveInMidAnswer(on);
    await decided(on.daemon, 1);
    expect(await kept(on)).toEqual([]);
    expect(on.daemon.loopd.stats()?.recorder.logs).toEqual({ joined: 1, alone: 0, waiting: 0 });
  });

  test('is kept when its client left and no log says so', async () => {
    const on = await stage({ without: 'log' });
    await leaveInMidAnswer(on);
    await decided(on.daemon, 1);
    expect(await kept(on)).toMatchObject([{ loop: { origin: { kind: 'reset' } } }]);
  });

  test('is kept when the upstream broke it off, and says how', async () => {
    const on = await stage();
    await (await on.ask('inbound', '/cut')).closed();
    await decided(on.daemon, 1);
    expect(await kept(on)).toMatchObject([
      {
        loop: { origin: { kind: 'reset', summary: '200 answer cut off before its end' }, holes: [] },
        transaction: {
          exchanges: [
            { flags: ['UPE'], details: 'upstream_reset_after_response_started{protocol_error}', logged: true },
          ],
        },
      },
    ]);
  });
});

test('a route timeout is kept once, with its log', async () => {
  const on = await stage();
  on.app.on('/never', () => undefined);
  await (await on.ask('outbound', '/never', { host: 'slow.test' })).answered();
  await decided(on.daemon, 1);
  const loops = await kept(on);
  expect(loops).toMatchObject([{ loop: { status: 504, origin: { kind: 'timeout' }, exchanges: 1, holes: [] } }]);
  expect(loops[0]?.transaction.exchanges[0]).toMatchObject({ logged: true, flags: ['UT'] });
  expect(on.daemon.loopd.stats()?.recorder.parts['failure']).toMatchObject({ segments: 1 });
});

test('without the filter, verdicts come from the log alone', async () => {
  const on = await stage({ without: 'filter' });
  const trace = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${trace}-00000000000000ab-01` };
  await (await on.ask('outbound', '/price?sku=1', { host: 'gone.test', method: 'PUT', headers })).answered();
  await (await on.ask('inbound', '/fails', { headers })).answered();
  await (await on.ask('inbound', '/cut')).closed();
  await leaveInMidAnswer(on);
  await decided(on.daemon, 3);
  const loops = await kept(on);
  expect(new Map(loops.map(({ loop }) => [loop.origin?.kind, loop.exchanges]))).toEqual(
    new Map([
      ['reset', 1],
      ['unavailable', 2],
    ]),
  );
  const traced = loops.find(({ loop }) => loop.transaction === parseTransactionKey(`trace:${trace}`));
  const [first, second] = traced?.transaction.exchanges ?? [];
  expect(first).toMatchObject({
    vantage: { service: 'front', direction: 'outbound' },
    peer: { name: 'gone.test', port: 80, address: '127.0.0.1:1' },
    flags: ['UF'],
    attributes: { 'request.method': 'PUT', 'request.path': '/price?sku=1' },
    response: { headers: expect.arrayContaining([{ name: ':status', value: '503' }]), body: [] },
  });
  expect(second?.startedAt).toBeGreaterThan(first?.endedAt ?? Infinity);
  expect(new Set(traced?.loop.holes)).toEqual(
    new Set([
      'outbound PUT /price?sku=1 at front: recorded by the access log alone',
      'inbound GET /fails at front: recorded by the access log alone',
    ]),
  );
  expect(on.daemon.loopd.stats()?.recorder.logs).toEqual({ joined: 0, alone: 4, waiting: 0 });
});

test('how a connection to a database ended', async () => {
  const database = createServer((peer: Socket) => peer.on('data', () => peer.resetAndDestroy()));
  database.listen(0, '127.0.0.1');
  await once(database, 'listening');
  closing.push(async () => {
    database.close();
    await once(database, 'close');
  });
  const { port } = database.address() as AddressInfo;
  const on = await stage({}, [
    {
      name: 'db',
      listen: socket('127.0.0.1', 0),
      peer: 'db.test:5432',
      protocol: 'tcp',
      address: socket('127.0.0.1', port),
    },
  ]);
  const entry = new URL(await on.envoy.listener('db'));
  on.app.on('/buy', async (call) => {
    const connection = connect(Number(entry.port), entry.hostname);
    connection.on('error', () => undefined);
    connection.write('a question');
    await once(connection, 'close');
    call.begin(500).end();
  });
  await (await on.ask('inbound', '/buy')).answered();
  // The answer may be kept before the connection is known to be gone.
  const flags = await until(
    async () =>
      (await kept(on)).flatMap(({ transaction }) => transaction.conversations.flatMap((one) => one.flags ?? [])),
    (seen) => seen.length > 0,
  );
  expect(flags).toEqual(['UC']);
});
