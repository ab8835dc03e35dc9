import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReplayedCall } from '../../../../replay-sandbox/match/call.ts';
import type { Mock } from '../../../../replay-sandbox/mocks/mock.ts';
import { createRedisMock, type RedisMockOptions } from '../../../../replay-sandbox/mocks/redis/mock.ts';
import { client } from '../../../support/redis-wire.ts';
import { recorded, said } from '../../../support/redis-commands.ts';

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
    expect(calls).toMatchObject([
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
