/** Errors of databases that a service swallowed under a 200, on a real Envoy: tossed without a rule, kept with one. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { loopctl } from '../support/cli.ts';
import { patient } from '../support/patient.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { allFailures, decided, metricsOf, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';
import { freePort } from '../support/server-process.ts';

const RULES = `
- name: order-lost
  match: { service: shop, command: { protocol: postgres, error: "23*", summary: "insert into orders*" } }
  then: failure
- name: cart-of-the-wrong-kind
  match: { service: shop, route: [POST /cart, POST /exec], command: { error: WRONGTYPE } }
  then: failure
`;

describe('an error of a database that nobody told of', () => {
  const world = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'loop-rules-'));
  world.defer(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'rules.yaml');
  let daemon: TestLoopd;
  let inbound = '';
  let sent = 0;

  beforeAll(async () => {
    writeFileSync(file, '# none yet\n');
    daemon = await startTestLoopd({ rules: file, recorder: { settleMs: 200 } });
    world.defer(() => daemon.close());
    const real = await startPostgres();
    world.defer(() => real.stop());
    const cache = await startRedis();
    world.defer(() => cache.stop());
    const [pgPort, redisPort] = [await freePort(), await freePort()];
    const app = createServer((asked, answer) => {
      asked.resume();
      // Whatever the databases say, the customer is told that all is well.
      void work(asked.url ?? '').finally(() => answer.writeHead(200).end('thank you'));
    }).listen(0, '127.0.0.1');
    await once(app, 'listening');
    world.defer(() => void app.close());
    const envoy = await startEnvoy(
      patient(
        sidecarYaml({
          speaker: { service: 'shop', instance: 'shop-1' },
          sink: daemon.sink,
          envoyVersion: { major: 1, minor: 40 },
          admin: socket('127.0.0.1', 0),
          inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', (app.address() as AddressInfo).port) },
          tcp: [
            { name: 'db', peer: 'db.shop:5432', protocol: 'postgres', ...through(pgPort, real.port) },
            { name: 'redis', peer: 'redis.shop:6379', protocol: 'redis', ...through(redisPort, cache.port) },
          ],
        }),
      ),
    );
    world.defer(() => envoy.stop());
    inbound = await envoy.listener('inbound');
    const { user, password, database } = real;
    const sql = new pg.Pool({ host: '127.0.0.1', port: pgPort, user, password, database, max: 1 });
    world.defer(() => sql.end());
    await sql.query('create table orders(id int primary key, who text)');
    const redis = await createClient({ socket: { host: '127.0.0.1', port: redisPort } }).connect();
    world.defer(() => redis.destroy());
    await redis.set('cart:7', 'no list');
    const routes: Readonly<Record<string, () => Promise<unknown>>> = {
      '/orders': () => sql.query('insert into orders(id, who) values ($1, $2)', [7, 'kim.meier@mail.example']),
      '/typo': () => sql.query('select * from odrers'),
      '/cart': () => redis.lPush('cart:7', 'mug'),
      '/exec': () => redis.multi().lPush('cart:7', 'mug').exec(),
    };
    const work = async (path: string): Promise<unknown> => routes[path]?.().catch(() => undefined);
  });
  afterAll(() => world.disposeAsync());

  const post = async (path: string): Promise<number> => {
    sent += 1;
    const headers = { traceparent: `00-${randomBytes(16).toString('hex')}-00000000000000ab-01` };
    const { status } = await fetch(new URL(path, inbound), { method: 'POST', headers });
    return status;
  };
  const metrics = () => metricsOf(daemon);

  it('is tossed as long as no rule asks for it', async () => {
    for (const path of ['/orders', '/orders', '/cart', '/typo', '/exec']) expect(await post(path)).toBe(200);
    const seen = await decided(daemon, sent);
    expect(seen).toMatchObject({ keptTransactions: 0, commandLooks: { looked: 0, left: 0 } });
    expect(await allFailures(daemon.api)).toEqual([]);
  });

  it('is kept when one does, and says by which command; other errors are looked at and dropped', async () => {
    writeFileSync(file, RULES);
    await until(metrics, (text) => /^loop_rules_version 2$/m.test(text));
    for (const path of ['/orders', '/cart', '/exec', '/typo', '/fine']) expect(await post(path)).toBe(200);
    await decided(daemon, sent);
    await until(metrics, (text) => /fate="swallowed"} 1/.test(text));
    const loops = await until(
      () => allFailures(daemon.api),
      (found) => found.length >= 3,
    );
    expect(
      Object.fromEntries(
        loops.map(({ path, outcome, origin }) => [path, `${outcome}: ${origin?.kind}, ${origin?.summary}`]),
      ),
    ).toEqual({
      '/orders': 'failed: command, 200, postgres 23505, by rule order-lost',
      '/cart': 'failed: command, 200, redis WRONGTYPE, by rule cart-of-the-wrong-kind',
      '/exec': 'failed: command, 200, redis WRONGTYPE, by rule cart-of-the-wrong-kind',
    });
    expect(await metrics()).toMatch(/loop_command_looks{outcome="read"} 4/);
    const order = loops.find(({ path }) => path === '/orders');
    const { stdout } = await loopctl(['show', order?.id ?? ''], { data: daemon.data });
    expect(stdout).toMatch(/insert into orders.*23505.*\d+ ms.*← failed the rule/);
    expect(stdout).not.toContain('kim.meier');
  });

  it('is tried on what is stored', async () => {
    const other = join(directory, 'other.yaml');
    writeFileSync(other, RULES.replace('23*', '42*'));
    const { stdout } = await loopctl(['rules', 'test', other, '-o', 'json'], { data: daemon.data });
    const recordings = JSON.parse(stdout) as readonly { path: string; purpose: string; change: string }[];
    expect(
      Object.fromEntries(
        recordings.flatMap(({ path, purpose, change }) => (purpose === 'failure' ? [[path, change]] : [])),
      ),
    ).toMatchObject({
      '/orders': 'tossed',
      '/cart': 'same',
    });
  });
});

function through(listen: number, port: number) {
  return { listen: socket('127.0.0.1', listen), address: socket('127.0.0.1', port) };
}
