/** The servers that tests of Redis start are what they say: alone, or three that are one cluster. */
import { Cluster, Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startRedis, startRedisCluster } from '../support/redis.ts';

it('one with settings of its own', async () => {
  const server = await startRedis(['requirepass guess']);
  const client = new Redis({ host: server.host, port: server.port, password: 'guess' });
  try {
    expect(await client.set('key', 'value')).toBe('OK');
  } finally {
    client.disconnect();
    await server.stop();
    await server.stop();
  }
});

it('three that share the slots', async () => {
  const started = await startRedisCluster();
  const cluster = new Cluster(started.nodes.map(({ host, port }) => ({ host, port })));
  try {
    const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => cluster.set(key, key)));
    expect(await Promise.all(keys.map((key) => cluster.get(key)))).toEqual(keys);
    const sizes = await Promise.all(cluster.nodes('master').map((node) => node.dbsize()));
    expect(sizes).toHaveLength(3);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  } finally {
    cluster.disconnect();
    await started.stop();
  }
});
