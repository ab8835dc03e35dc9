// A service whose Redis lies behind a real Envoy's TCP loop: what loopctl shows of a failed request is its commands, without anybody's data.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createClient } from 'redis';
import { expect, onTestFinished, test } from 'vitest';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { loopctl } from '../support/cli.ts';
import { patient } from '../support/patient.ts';
import { startRedis } from '../support/redis.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { freePort } from '../support/server-process.ts';
import { allFailures, openLoop, startTestLoopd, type TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'kai-zu-schu-7';
const EMAIL = 'kim.meier@mail.example';

type Client = Awaited<ReturnType<typeof connect>>;

const connect = (port: number) =>
  createClient({ RESP: 3, password: PASSWORD, socket: { host: '127.0.0.1', port } })
    .on('error', () => undefined)
    .connect();

/** What a handler of a shop does with Redis, up to the command that fails. */
async function checkout(redis: Client): Promise<unknown> {
  await redis.set('customer:7', JSON.stringify({ email: EMAIL, tier: 'gold' }));
  await Promise.all([redis.hSet('cart:7', { total: '12' }), redis.hGet('cart:7', 'total'), redis.get('nothing')]);
  await redis.multi().incr('orders').expire('orders', 60).exec();
  await tell(redis);
  return redis.lPush('cart:7', 'x');
}

/** Hears its own message, on a connection for that alone. */
async function tell(redis: Client): Promise<void> {
  const listener = await redis.duplicate().connect();
  const heard = Promise.withResolvers<string>();
  await listener.subscribe('mail', heard.resolve);
  await redis.publish('mail', JSON.stringify({ to: EMAIL, about: 'order 12' }));
  await heard.promise;
  listener.destroy();
}

async function stage(): Promise<{ daemon: TestLoopd; inbound: string }> {
  const daemon = await startTestLoopd();
  onTestFinished(() => daemon.close());
  const redis = await startRedis([`requirepass ${PASSWORD}`]);
  onTestFinished(() => redis.stop());
  let client: Client | undefined;
  const answer = async (_request: IncomingMessage, response: ServerResponse): Promise<void> => {
    client ??= await connect(redisPort);
    const failed = await checkout(client).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    response.writeHead(failed === undefined ? 200 : 500).end(failed);
  };
  const app = createHttpServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(app, 'listening');
  onTestFinished(() => void app.close());
  const redisPort = await freePort();
  const envoy = await startEnvoy(
    patient(
      sidecarYaml({
        speaker: { service: 'shop', instance: 'shop-1' },
        sink: daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', (app.address() as AddressInfo).port) },
        tcp: [
          {
            name: 'redis',
            listen: socket('127.0.0.1', redisPort),
            peer: 'redis.shop:6379',
            protocol: 'redis',
            address: socket('127.0.0.1', redis.port),
          },
        ],
      }),
    ),
  );
  onTestFinished(() => envoy.stop());
  onTestFinished(() => client?.destroy());
  return { daemon, inbound: await envoy.listener('inbound') };
}

test('the commands of a failed request, in loopctl show', async () => {
  const { daemon, inbound } = await stage();
  const answered = await fetch(`${inbound}/checkout`, { headers: { connection: 'close' } });
  expect(answered.status).toBe(500);
  const [loop] = await until(
    () => allFailures(daemon.api),
    (loops) => loops.length > 0,
  );
  if (loop === undefined) throw new Error('nothing was kept');

  const { transaction } = await openLoop(daemon.api, loop.id);
  expect(
    transaction.commands.map(({ command: { summary, error, rows }, attribution }) => [
      summary,
      error?.code ?? rows,
      attribution,
    ]),
  ).toEqual(
    expect.arrayContaining([
      ['HELLO 3 AUTH (secret) (secret)', 7, 'exclusive'],
      ['HGET cart:7 total', undefined, 'exclusive'],
      ['MULTI', undefined, 'exclusive'],
      ['INCR orders', undefined, 'exclusive'],
      ['EXPIRE orders 60', undefined, 'exclusive'],
      ['EXEC', 2, 'exclusive'],
      ['LPUSH cart:7 x', 'WRONGTYPE', 'exclusive'],
    ]),
  );

  const shown = await loopctl(['show', loop.id], {
    env: { LOOP_URL: daemon.loopd.apiUrl, LOOP_TOKEN: daemon.loopd.token },
  });
  expect(shown.stdout).toMatch(/redis redis\.shop\S*\s+HGET cart:7 total\s+ok/);
  expect(shown.stdout).toMatch(/LPUSH cart:7 x\s+WRONGTYPE/);
  expect(shown.stdout).toMatch(/SET customer:7 .*tier.*gold/);
  expect(shown.stdout).toMatch(/SUBSCRIBE mail .*\n +\d+ ms +< mail: .*about.*order 12/);
  expect(shown.stdout).not.toContain(EMAIL);
  expect(shown.stdout).not.toContain(PASSWORD);
});
