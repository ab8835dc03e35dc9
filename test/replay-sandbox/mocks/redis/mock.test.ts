import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReplayedCall } from '../../../../replay-sandbox/match/call.ts';
import type { Mock } from '../../../../replay-sandbox/mocks/mock.ts';
import { createRedisMock, type RedisMockOptions } from '../../../../replay-sandbox/mocks/redis/mock.ts';
import { captured, client, conversation } from '../../../support/redis-wire.ts';
import { recorded, said } from '../../../support/redis-commands.ts';
import { decodeCommands } from '../../../../src/wire/redis/commands.ts';

const NAME = 'redis.shop';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(
  options: Partial<RedisMockOptions> = {},
): Promise<{ mock: Mock; port: number; calls: ReplayedCall[] }> {
  const calls: ReplayedCall[] = [];
  const mock = createRedisMock({
    answers: recorded([said('GET a', '$1|x'), said('BLPOP q 0.05', '*-1')]),
    log: { add: (call) => calls.push(call) },
    clock: { now: () => 1000 },
    ...options,
  });
  const server = createServer((socket) => mock.serve(socket, { name: NAME, address: '198.18.0.1', port: 6379 }));
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { mock, port: (server.address() as AddressInfo).port, calls };
}

/** Says everything at once and reads until the mock closes. */
async function converse(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes);
  return (await text(socket)).replaceAll('\r\n', '|');
}

describe('the mock', () => {
  it('answers a connection and logs the call', async () => {
    const { port, mock, calls } = await listen();
    expect(mock.unused()).toEqual([`GET a at ${NAME}`, `BLPOP q 0.05 at ${NAME}`]);
    expect(await converse(port, client('GET a', 'QUIT').bytes)).toBe('$1|x|+OK|');
    expect(calls).toEqual([
      {
        protocol: 'redis',
        peer: `${NAME}:6379`,
        summary: 'GET a',
        grade: 'exact',
        source: 'loop',
        exchange: '00000000000000aa.1/1',
        ms: 0,
        matters: true,
      },
      { protocol: 'redis', peer: `${NAME}:6379`, summary: 'QUIT', grade: 'synthesised', ms: 0, matters: true },
    ]);
  });

  it('what is behind a command that waits waits too', async () => {
    const { port } = await listen();
    const asked = client('BLPOP q 0.05', 'BLPOP q 0.05', 'GET a', 'QUIT').bytes;
    expect(await converse(port, asked)).toBe('*-1|*-1|$1|x|+OK|');
  });

  it('knows whether a call can have mattered, and answers only what was recorded under the dialled name', async () => {
    const { port, calls } = await listen({ matters: () => false, answers: [] });
    expect(await converse(port, client('GET a', 'QUIT').bytes)).toContain('-ERR loop replay: no recorded answer');
    expect(calls).toMatchObject([{ matters: false, grade: 'missed' }, { grade: 'synthesised' }]);
  });

  it('asks as a recording without originals has it', async () => {
    const disguise = {
      redis: () => ({ kind: 'command' as const, args: [Buffer.from('GET'), Buffer.from('a')], inline: false }),
    };
    const { port } = await listen({ disguise: disguise as unknown as RedisMockOptions['disguise'] });
    const socket = connect(port, '127.0.0.1');
    socket.write(client('GET secret').bytes);
    expect(String((await once(socket, 'data'))[0])).toBe('$1\r\nx\r\n');
    socket.destroy();
  });

  it('a peer that speaks something else loses its connection, nobody else does', async () => {
    const { port } = await listen();
    expect(await converse(port, Buffer.from('*1\r\n+what\r\n'))).toContain('-ERR Protocol error');
    const gone = connect(port, '127.0.0.1');
    await once(gone, 'connect');
    gone.resetAndDestroy();
    expect(await converse(port, client('GET a', 'QUIT').bytes)).toBe('$1|x|+OK|');
  });
});

describe('hostile clients', () => {
  const MUTATIONS = Number(process.env['FUZZ'] ?? 300);

  it('real captures with bytes changed, cut or doubled never throw and never hang it', async () => {
    const sent = captured('redis-py-resp3').map((connection) => connection.filter(({ side }) => side === 'client'));
    const answers = captured('redis-py-resp3').flatMap((connection) =>
      decodeCommands(conversation(connection)).map((command) => ({ command, source: 'loop' as const })),
    );
    const { port, mock } = await listen({ answers });
    const sockets = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    for (let round = 0; round < MUTATIONS; round++) {
      const bytes = mutated(Buffer.concat((sent[round % sent.length] ?? []).map((one) => one.bytes)), round);
      const slot = round % sockets.length;
      const socket =
        sockets[slot]?.writable === true ? sockets[slot] : connect(port, '127.0.0.1').on('error', () => undefined);
      if (socket === undefined) continue;
      sockets[slot] = socket.resume();
      socket.write(bytes);
      await turn();
    }
    for (const socket of sockets) socket.destroy();
    expect(await converse(port, client('PING', 'QUIT').bytes)).toBe('+PONG|+OK|');
    expect(mock.unused().length).toBeGreaterThanOrEqual(0);
  });
});

/** The same for the same seed. */
function mutated(bytes: Buffer, seed: number): Buffer {
  let state = seed * 2654435761 + 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state % below;
  };
  const at = random(bytes.length);
  const kind = random(4);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(at + 1))]);
  const copy = Buffer.from(bytes);
  for (let times = 0; times <= kind; times++) copy[random(copy.length)] = random(256);
  return copy;
}
