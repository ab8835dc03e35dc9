import { randomUUID } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Conversation } from '../../src/domain/conversation.ts';
import { parseRecorderId, streamId } from '../../src/domain/ids.ts';
import { workload, type Step } from '../matrix/apps/redis/ioredis/workload.ts';
import { startRedis, startRedisCluster, type RunningRedis } from '../support/redis.ts';
import { mockedRedis, recordedRedis } from '../support/redis-replay.ts';
import { recordTcp } from '../support/tcp-recorder.ts';

let real: RunningRedis;

beforeAll(async () => {
  real = await startRedis();
});

afterAll(async () => {
  await real.stop();
});

/** The workload of the matrix, with as many connections. */
async function ioredis(port: number, size: number): Promise<readonly Step[]> {
  const options = { host: '127.0.0.1', port, connectionName: 'matrix' };
  const pool = Array.from({ length: size }, () => new Redis(options));
  try {
    await Promise.all(pool.map((client) => client.ping()));
    return await workload({ pool, connect: () => new Redis(options), token: randomUUID });
  } finally {
    for (const client of pool) client.disconnect();
  }
}

const recorded = (use: (port: number) => Promise<unknown>) => recordedRedis(real, use);

/** Served until the test ends. */
function mocked(...what: Parameters<typeof mockedRedis>) {
  const served = mockedRedis(...what);
  onTestFinished(() => served.close());
  return served;
}

async function replayed(conversations: readonly Conversation[]) {
  const { serve, calls, mock } = mocked(conversations);
  return { port: await serve('redis'), calls, mock };
}

describe('the workload of ioredis', () => {
  it('gets from the recording what it got from the server, with a smaller pool', async () => {
    let then: readonly Step[] = [];
    const conversations = await recorded(async (port) => (then = await ioredis(port, 4)));
    const { port, calls, mock } = await replayed(conversations);
    const now = await ioredis(port, 2);
    expect(calls.filter(({ grade }) => grade === 'missed' || grade === 'drifted')).toEqual([]);
    expect(now).toEqual(then);
    expect(mock.unused()).toEqual([]);
  });
});

describe('a client that speaks another version than the recorded one', () => {
  /** Whatever has another form in version 3, as the driver gives it. */
  async function typed(port: number, RESP: 2 | 3): Promise<unknown> {
    const client = await createClient({ RESP, socket: { host: '127.0.0.1', port } }).connect();
    try {
      return [
        await client.del(['v:h', 'v:s', 'v:z', 'v:x']),
        await client.hSet('v:h', { a: '1', b: '2' }),
        { ...(await client.hGetAll('v:h')) },
        await client.sAdd('v:s', ['a']),
        [...(await client.sMembers('v:s'))],
        await client.zAdd('v:z', { score: 1.5, value: 'a' }),
        await client.zRangeWithScores('v:z', 0, -1),
        await client.zScore('v:z', 'a'),
        await client.zPopMin('v:z'),
        await client.get('v:none'),
        await client.xAdd('v:x', '1-1', { f: 'v' }),
        JSON.stringify(await client.xRead({ key: 'v:x', id: '0' })),
        { ...(await client.configGet('maxmemory-policy')) },
        await client
          .multi()
          .hGetAll('v:h')
          .zScore('v:z', 'a')
          .exec()
          .then((replies) => JSON.stringify(replies)),
      ];
    } finally {
      client.destroy();
    }
  }

  it.each([
    [2, 3],
    [3, 2],
  ] as const)('recorded in %i, asked in %i', async (then, now) => {
    let seen: unknown;
    const conversations = await recorded(async (port) => (seen = await typed(port, then)));
    const { port, calls } = await replayed(conversations);
    expect(await typed(port, now)).toEqual(seen);
    expect(calls.filter(({ grade }) => grade === 'missed' || grade === 'drifted')).toEqual([]);
  });
});

describe('a cluster', () => {
  /** Every node behind a port of its own; the client is told so, as behind sidecars. */
  async function useCluster(natMap: Record<string, { host: string; port: number }>, known: number): Promise<unknown> {
    const cluster = new Cluster([{ host: '127.0.0.1', port: known }], { natMap });
    try {
      const results: unknown[] = [];
      for (const key of ['alpha', 'beta', 'gamma', 'delta'])
        results.push(await cluster.set(key, `of ${key}`), await cluster.get(key));
      results.push(await cluster.pipeline().incr('{t}n').incr('{t}n').exec());
      return results;
    } finally {
      cluster.disconnect();
    }
  }

  it('leads its client back to the recorded nodes, also when it never asked for the slots in the recording', async () => {
    const cluster = await startRedisCluster();
    onTestFinished(async () => await cluster.stop());
    const recorders = await Promise.all(
      cluster.nodes.map((node, index) => recordTcp('redis', `redis-${index}`, { host: '127.0.0.1', port: node.port })),
    );
    const through = Object.fromEntries(
      cluster.nodes.map(({ port }, index) => [
        `127.0.0.1:${port}`,
        { host: '127.0.0.1', port: recorders[index]?.port ?? 0 },
      ]),
    );
    const then = await useCluster(through, recorders[0]?.port ?? 0);
    const conversations = recorders.flatMap((recorder, node) =>
      recorder.conversations().map((one, at) => ({ ...one, id: connectionId(node * 100 + at + 1) })),
    );
    await Promise.all(recorders.map((recorder) => recorder.close()));
    for (const asksSlots of [true, false]) {
      const nodes = await replayedNodes(conversations, asksSlots, cluster.nodes.length);
      const map = Object.fromEntries([
        ...cluster.nodes.map(({ port }, index) => [`127.0.0.1:${port}`, nodes.at(index)] as const),
        ...cluster.nodes.map(({ port }, index) => [`redis-${index}:${port}`, nodes.at(index)] as const),
      ]);
      expect(await useCluster(map, nodes.at(0).port)).toEqual(then);
      expect(nodes.calls.filter(({ grade }) => grade === 'missed' || grade === 'drifted')).toEqual([]);
    }
  });

  function connectionId(number: number) {
    const recorder = parseRecorderId('00000000000000aa');
    if (recorder === undefined) throw new Error('not a recorder id');
    return streamId(recorder, number);
  }

  async function replayedNodes(conversations: readonly Conversation[], asksSlots: boolean, count: number) {
    const { serve, calls } = mocked(conversations, (command) => asksSlots || !command.summary.startsWith('CLUSTER'));
    const ports = await Promise.all(Array.from({ length: count }, (_, index) => serve(`redis-${index}`)));
    return { calls, at: (index: number) => ({ host: '127.0.0.1', port: ports[index] ?? 0 }) };
  }
});
