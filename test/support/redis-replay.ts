/** Work of a real driver, recorded at a real Redis through a proxy, and done again against the mock alone. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Redis } from 'ioredis';
import type { ReplayedCall } from '../../replay-sandbox/match/call.ts';
import { createRedisMock } from '../../replay-sandbox/mocks/redis/mock.ts';
import type { Command, Conversation } from '../../src/domain/conversation.ts';
import { redis } from '../../src/wire/redis/protocol.ts';
import type { RunningRedis } from './redis.ts';
import { recordTcp } from './tcp-recorder.ts';

type Work<Result> = (clients: readonly Redis[]) => Promise<Result>;

/** What `use` does with the real server, through the port of a recorder. */
export async function recordedRedis(
  real: Pick<RunningRedis, 'port'>,
  use: (port: number) => Promise<unknown>,
): Promise<readonly Conversation[]> {
  const recorder = await recordTcp('redis', 'redis', { host: '127.0.0.1', port: real.port });
  try {
    await use(recorder.port);
    return recorder.conversations();
  } finally {
    await recorder.close();
  }
}

/** The recording as a mock, which serves any peer on a port of its own until it is closed. */
export function mockedRedis(conversations: readonly Conversation[], keeps: (command: Command) => boolean = () => true) {
  const answers = conversations
    .flatMap((conversation) => redis.decodeCommands(conversation))
    .filter(keeps)
    .toSorted((one, other) => one.startedAt - other.startedAt)
    .map((command) => ({ command, source: 'loop' as const }));
  const calls: ReplayedCall[] = [];
  const log = { add: (call: ReplayedCall) => calls.push(call) };
  const mock = createRedisMock({ answers, conversations, log, clock: { now: Date.now } });
  const servers: Server[] = [];
  const serve = async (name: string): Promise<number> => {
    const server = createServer((socket) => mock.serve(socket, { name, address: '198.18.0.1', port: 6379 }));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const close = (): void => servers.forEach((server) => server.close());
  return { serve, calls, mock, close };
}

export async function recordRedis<Result>(
  real: RunningRedis,
  pool: number,
  work: Work<Result>,
): Promise<{ readonly result: Result; readonly conversations: readonly Conversation[] }> {
  const results: Result[] = [];
  const conversations = await recordedRedis(real, async (port) => results.push(await withClients(port, pool, work)));
  return { result: results[0] as Result, conversations };
}

export async function replayRedis<Result>(
  conversations: readonly Conversation[],
  pool: number,
  work: Work<Result>,
): Promise<{ readonly result: Result; readonly calls: readonly ReplayedCall[] }> {
  const { serve, calls, close } = mockedRedis(conversations);
  try {
    const result = await withClients(await serve('redis'), pool, work);
    return { result, calls: calls.filter(({ grade }) => grade !== 'synthesised') };
  } finally {
    close();
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
