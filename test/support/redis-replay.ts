/** Work of a real driver, recorded at a real Redis through a proxy, and done again against the mock alone. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import type { ReplayedCall } from '../../replay-sandbox/match/call.ts';
import { createRedisMock } from '../../replay-sandbox/mocks/redis/mock.ts';
import type { Conversation } from '../../src/domain/conversation.ts';
import { redis } from '../../src/wire/redis/protocol.ts';
import type { RunningRedis } from './redis.ts';
import { recordTcp } from './tcp-recorder.ts';

type Work<Result> = (clients: readonly Redis[]) => Promise<Result>;

export async function recordRedis<Result>(
  real: RunningRedis,
  pool: number,
  work: Work<Result>,
): Promise<{ readonly result: Result; readonly conversations: readonly Conversation[] }> {
  const recorder = await recordTcp('redis', 'cache', real);
  try {
    const result = await withClients(recorder.port, pool, work);
    return { result, conversations: recorder.conversations() };
  } finally {
    await recorder.close();
  }
}

export async function replayRedis<Result>(
  conversations: readonly Conversation[],
  pool: number,
  work: Work<Result>,
): Promise<{ readonly result: Result; readonly calls: readonly ReplayedCall[] }> {
  const calls: ReplayedCall[] = [];
  const commands = conversations
    .flatMap((conversation) => redis.decodeCommands(conversation))
    .toSorted((one, other) => one.startedAt - other.startedAt);
  const mock = createRedisMock({
    answers: commands.map((command) => ({ command, source: 'loop' })),
    conversations,
    log: { add: (call) => calls.push(call) },
    clock: { now: () => Date.now() },
  });
  const server = createServer((socket) => mock.serve(socket, { name: 'cache', address: '127.0.0.1', port: 6379 }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const result = await withClients((server.address() as AddressInfo).port, pool, work);
    return { result, calls: calls.filter(({ grade }) => grade !== 'synthesised') };
  } finally {
    server.close();
  }
}

async function withClients<Result>(port: number, pool: number, work: Work<Result>): Promise<Result> {
  const clients = Array.from({ length: pool }, () => new Redis({ host: '127.0.0.1', port }));
  try {
    return await work(clients);
  } finally {
    for (const client of clients) client.disconnect();
  }
}
