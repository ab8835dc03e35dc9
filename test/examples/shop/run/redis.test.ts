import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePorts } from '../../../../examples/shop/run/ports.ts';
import { command, startRedis } from '../../../../examples/shop/run/redis.ts';
import { Supervisor } from '../../../../examples/shop/run/supervisor.ts';
import { redisPath } from '../../../support/redis.ts';

test('a cache starts, takes commands, and goes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'redis-test-'));
  const supervisor = new Supervisor();
  const [port = 0] = await freePorts(1);
  try {
    const logFile = join(directory, 'redis.log');
    const redis = await startRedis({ supervisor, redisPath: redisPath(), port, directory, logFile });
    await command(redis.url, ['SET', 'key', 'value']);
    await expect(command(redis.url, ['INCR', 'key'])).rejects.toThrow('not an integer');
    await supervisor.stop(redis.process);
    await expect(command(redis.url, ['PING'])).rejects.toThrow('ECONNREFUSED');
  } finally {
    await supervisor.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

test('a program that is not there is one sentence, and what to do', async () => {
  const supervisor = new Supervisor();
  const directory = mkdtempSync(join(tmpdir(), 'redis-test-'));
  try {
    const options = { supervisor, port: 1, directory, logFile: join(directory, 'redis.log') };
    await expect(startRedis({ ...options, redisPath: '/nowhere/redis-server' })).rejects.toMatchObject({
      message: 'redis: /nowhere/redis-server does not start: spawn /nowhere/redis-server ENOENT',
      hint: 'Set LOOP_REDIS to a redis-server or valkey-server of release 7 or later.',
    });
  } finally {
    await supervisor.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
