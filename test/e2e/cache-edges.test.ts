/** The edges of database-edges.test.ts that a cache has as well. Real server, real driver. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RunningRedis } from '../support/redis.ts';
import { recordRedis, replayRedis } from '../support/redis-replay.ts';

let real: RunningRedis;

beforeAll(async () => {
  real = await startRedis();
});

afterAll(() => real.stop());

function clientOf(clients: readonly Redis[], index: number): Redis {
  const client = clients[index % clients.length];
  if (client === undefined) throw new Error('a pool of none');
  return client;
}

describe('the same command several times at once, each with a result of its own', () => {
  const count = (clients: readonly Redis[]): Promise<readonly number[]> =>
    Promise.all(Array.from({ length: 8 }, (_, index) => clientOf(clients, index).incr('tickets')));

  it.each([1, 3, 6])('is answered with each of them once, by %i connections', async (size) => {
    const recorded = await recordRedis(real, 3, count);
    const { result, calls } = await replayRedis(recorded.conversations, size, count);
    expect(new Set(result)).toEqual(new Set(recorded.result));
    const counted = calls.filter(({ summary }) => summary.startsWith('INCR'));
    expect(counted.map(({ grade }) => grade)).toEqual(Array.from({ length: 8 }, () => 'exact'));
  });
});

it('a retry fails as often as it did, then works; one more is missed and told so', async () => {
  const untilTaken = async ([client]: readonly Redis[]): Promise<readonly string[]> => {
    const seen: string[] = [];
    if (client === undefined) return seen;
    await client.set('lock', 'other', 'PX', 60_000);
    while (!seen.includes('OK') && seen.length < 5) {
      seen.push((await client.set('lock', 'mine', 'PX', 60_000, 'NX')) ?? 'taken');
      if (seen.length === 2) await client.del('lock');
    }
    return seen;
  };
  const recorded = await recordRedis(real, 1, untilTaken);
  expect(recorded.result).toEqual(['taken', 'taken', 'OK']);
  const { result, calls } = await replayRedis(recorded.conversations, 1, untilTaken);
  expect(result).toEqual(recorded.result);
  expect(new Set(calls.map(({ grade }) => grade))).toEqual(new Set(['exact']));
  const again = await replayRedis(recorded.conversations, 1, async (clients) => {
    await untilTaken(clients);
    return clientOf(clients, 0)
      .set('lock', 'mine', 'PX', 60_000, 'NX')
      .catch((error: unknown) => String(error));
  });
  expect(again.result).toContain('no recorded answer');
  expect(again.calls.at(-1)).toMatchObject({ grade: 'missed' });
});

it('BLOBs, float bits and years of five digits come back as they were', async () => {
  const blob = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
  const work = async (clients: readonly Redis[]): Promise<unknown> => {
    const client = clientOf(clients, 0);
    await client.set('blob', blob);
    await client.hset('values', { small: 5e-324, sum: 0.1 + 0.2, year: '12026-12-31T23:59:59Z' });
    return [
      (await client.getBuffer('blob'))?.toString('hex'),
      await client.hgetall('values'),
      await client.zadd('scores', 0.1, 'a', 1.7976931348623157e308, 'b'),
      await client.zrange('scores', '0', '-1', 'WITHSCORES'),
    ];
  };
  const recorded = await recordRedis(real, 1, work);
  expect(JSON.stringify(recorded.result)).toContain(blob.toString('hex'));
  const { result, calls } = await replayRedis(recorded.conversations, 1, work);
  expect(result).toEqual(recorded.result);
  expect(new Set(calls.map(({ grade }) => grade))).toEqual(new Set(['exact']));
});
