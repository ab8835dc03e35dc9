/** Work of a real driver, recorded at a real Postgres through a proxy, and done again against the mock alone. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import pg from 'pg';
import type { ReplayedCall } from '../../replay-sandbox/match/call.ts';
import { createPostgresMock, type PostgresMockOptions } from '../../replay-sandbox/mocks/postgres/mock.ts';
import type { Conversation } from '../../src/domain/conversation.ts';
import { postgres } from '../../src/wire/postgres/protocol.ts';
import type { RunningPostgres } from './postgres.ts';
import { recordTcp } from './tcp-recorder.ts';

/** What `pg` connects with. */
export type Target = Pick<RunningPostgres, 'host' | 'port' | 'user' | 'password' | 'database'> & {
  readonly ssl?: pg.PoolConfig['ssl'];
};

export interface Recorded<Result> {
  readonly result: Result;
  readonly conversations: readonly Conversation[];
}

/** `mark`, given to the work, is where the recording begins; without it, at the connections' own beginning. */
export async function recordPostgres<Result>(
  real: RunningPostgres,
  work: (target: Target, mark: () => void) => Promise<Result>,
): Promise<Recorded<Result>> {
  const recorder = await recordTcp('postgres', 'db', real);
  try {
    const result = await work({ ...real, port: recorder.port }, () => recorder.mark());
    return { result, conversations: recorder.conversations() };
  } finally {
    await recorder.close();
  }
}

export interface ReplayedWork<Result> {
  readonly result: Result;
  readonly calls: readonly ReplayedCall[];
  readonly unused: readonly string[];
}

export async function replayPostgres<Result>(
  conversations: readonly Conversation[],
  work: (target: Target) => Promise<Result>,
  options: Partial<PostgresMockOptions> = {},
): Promise<ReplayedWork<Result>> {
  const calls: ReplayedCall[] = [];
  const commands = conversations
    .flatMap((conversation) => postgres.decodeCommands(conversation))
    .toSorted((one, other) => one.startedAt - other.startedAt);
  const mock = createPostgresMock({
    answers: commands.map((command) => ({ command, source: 'loop' })),
    log: { add: (call) => calls.push(call) },
    clock: { now: () => Date.now() },
    conversations,
    ...options,
  });
  const server = createServer((socket) => mock.serve(socket, { name: 'db', address: '127.0.0.1', port: 5432 }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const result = await work({ host: '127.0.0.1', port, user: 'any', password: 'any', database: 'any' });
    return { result, calls, unused: mock.unused() };
  } finally {
    server.close();
  }
}

export async function withPool<Result>(
  target: Target,
  max: number,
  work: (pool: pg.Pool) => Promise<Result>,
): Promise<Result> {
  const { host, port, user, password, database, ssl = false } = target;
  const pool = new pg.Pool({ host, port, user, password, database, ssl, max });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
