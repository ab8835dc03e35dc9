/** Connections to Redis that hold something from before: a database, a name, a version, a subscription; and TLS that the sidecar makes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation } from '../../src/domain/conversation.ts';
import type { TcpUpstream } from '../../src/envoy-config/options.ts';
import { failureOf, replayDatabase, serveDatabase } from '../support/database/world.ts';
import { startRedis } from '../support/redis.ts';
import type { RunningRedis } from '../support/redis.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { startTestLoopd } from '../support/test-loopd.ts';
import { tlsInFrontOf } from '../support/tls-proxy.ts';

const SERVICE = 'redis-service.ts';

let redis: RunningRedis;

beforeEach(skipWithoutNamespaces);

beforeAll(async () => {
  redis = await startRedis();
  const client = await createClient({ database: 3, socket: redis }).connect();
  await client.hSet('stock:cup', { stock: '-1', sold: '2026-02-28' });
  client.destroy();
});

afterAll(async () => {
  await redis.stop();
});

async function recorded(world: AsyncDisposableStack, port: number, tcp: Partial<TcpUpstream> = {}) {
  const daemon = await startTestLoopd();
  world.defer(() => daemon.close());
  const { ask } = await serveDatabase(world, {
    sink: daemon.sink,
    database: { host: redis.host, port },
    tcp: { protocol: 'redis', ...tcp },
    service: SERVICE,
  });
  expect(await ask('/session')).toMatchObject({ status: 200 });
  const { status, body } = await ask('/fail');
  expect({ status, body: JSON.parse(body) }).toEqual({
    status: 500,
    body: { stock: { stock: '-1', sold: '2026-02-28' }, name: 'worker', heard: 'cup -1' },
  });
  return { body, ...(await failureOf(daemon)) };
}

/** Commands, and what was simply agreed to. */
function stateIn({ state }: Conversation): readonly string[] {
  const texts = state.map(({ bytes }) => Buffer.from(bytes).toString().trimEnd());
  return texts.flatMap((text) => {
    if (text.startsWith('*'))
      return text
        .split('\r\n')
        .filter((_, index) => index > 0 && index % 2 === 0)
        .join(' ');
    return text.startsWith('+') ? text : [];
  });
}

/** A Redis that is asked in TLS alone, by the name in its certificate: what ends TLS stands in front, as the server of the tests is built without. */
async function encrypted(): Promise<{ readonly port: number; readonly tcp: Partial<TcpUpstream> }> {
  const { url, ca } = await tlsInFrontOf(`http://127.0.0.1:${redis.port}`, { name: 'db.shop' });
  const file = join(temporaryDirectory(), 'ca.pem');
  writeFileSync(file, ca);
  return { port: Number(new URL(url).port), tcp: { tls: { ca: file } } };
}

describe.each([
  ['plain', () => Promise.resolve({ port: redis.port, tcp: {} })],
  ['in TLS that the sidecar makes', encrypted],
])('a session that an earlier request made, %s', (_how, reach) => {
  it('comes with the loop that needs it, and is there in its replay', async () => {
    await using world = new AsyncDisposableStack();
    const { port, tcp } = await reach();
    const { body, file, summary, transaction } = await recorded(world, port, tcp);
    expect(summary.holes).toEqual([]);
    expect(transaction.conversations.map(stateIn)).toEqual([
      ['HELLO 3', 'SELECT 3', '+OK', 'CLIENT SETNAME worker', '+OK'],
      ['HELLO 3', 'SUBSCRIBE prices'],
    ]);
    expect(transaction.commands.map(({ command }) => command.summary)).toEqual([
      'HGETALL stock:cup',
      'CLIENT GETNAME',
      'PUBLISH prices "cup -1"',
      'SUBSCRIBE prices',
    ]);
    const { report } = await replayDatabase(file, { EAGER: '1' }, SERVICE);
    expect(report).toMatchObject({ outcome: 'reproduced', diff: [], missed: [], refused: [] });
    expect(report.replayed.body).toBe(body);
  });
});
