import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ReplayedCall } from '../../replay-sandbox/match/call.ts';
import { createRedisMock } from '../../replay-sandbox/mocks/redis/mock.ts';
import type { Conversation } from '../../src/domain/conversation.ts';
import { redis as protocol } from '../../src/wire/redis/protocol.ts';
import { workload, type Step } from '../matrix/apps/redis/ioredis/workload.ts';
import { startRedis, type RunningRedis } from '../support/redis.ts';
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

async function recorded(use: (port: number) => Promise<unknown>): Promise<readonly Conversation[]> {
  const recorder = await recordTcp('redis', 'redis', { host: '127.0.0.1', port: real.port });
  await use(recorder.port);
  const conversations = recorder.conversations();
  await recorder.close();
  return conversations;
}

/** The recording as a mock on a port of its own. */
async function replayed(conversations: readonly Conversation[]) {
  const answers = conversations
    .flatMap((conversation) => protocol.decodeCommands(conversation))
    .toSorted((one, other) => one.startedAt - other.startedAt)
    .map((command) => ({ command, source: 'loop' as const }));
  const calls: ReplayedCall[] = [];
  const mock = createRedisMock({
    answers,
    conversations,
    log: { add: (call) => calls.push(call) },
    clock: { now: Date.now },
  });
  const server = createServer((socket) => mock.serve(socket, { name: 'redis', address: '198.18.0.1', port: 6379 }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, calls, mock };
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
