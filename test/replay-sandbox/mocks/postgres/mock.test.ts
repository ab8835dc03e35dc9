import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReplayedCall } from '../../../../replay-sandbox/match/call.ts';
import type { Mock } from '../../../../replay-sandbox/mocks/mock.ts';
import { createPostgresMock, type PostgresMockOptions } from '../../../../replay-sandbox/mocks/postgres/mock.ts';
import { createAuthority } from '../../../../replay-sandbox/mocks/tls/authority.ts';
import {
  client,
  column,
  columns,
  complete,
  conversation,
  error,
  handshake,
  query,
  row,
  startup,
} from '../../../support/postgres-wire.ts';
import { queried, recorded } from '../../../support/postgres-commands.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(
  options: Partial<PostgresMockOptions> = {},
): Promise<{ mock: Mock; port: number; calls: ReplayedCall[] }> {
  const calls: ReplayedCall[] = [];
  const answers = recorded(queried('select 1', columns(column('a')), row('1'), complete('SELECT 1')));
  const mock = createPostgresMock({
    answers,
    log: { add: (call) => calls.push(call) },
    clock: { now: () => 1000 },
    ...options,
  });
  const server = createServer((socket) => mock.serve(socket, { name: 'postgres', address: '198.18.0.1', port: 5432 }));
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { mock, port: (server.address() as AddressInfo).port, calls };
}

/** Says everything at once and reads until the mock closes. */
async function converse(socket: Socket, bytes: Uint8Array): Promise<string> {
  socket.write(bytes);
  return text(socket);
}

const session = client(startup, query('select 1'), { kind: 'terminate' }).bytes;

describe('the mock', () => {
  it('answers a connection and logs the call', async () => {
    const { port, mock, calls } = await listen({ conversations: [conversation(handshake)] });
    expect(mock.unused()).toEqual(['select 1 at postgres']);
    const answer = await converse(connect(port, '127.0.0.1'), session);
    expect(answer).toContain('server_version\0' + '18.0');
    expect(answer).toContain('SELECT 1');
    expect(calls).toMatchObject([
      {
        protocol: 'postgres',
        peer: 'postgres:5432',
        summary: 'select 1',
        grade: 'exact',
        source: 'loop',
        exchange: '00000000000000aa.1/1',
        ms: 0,
        matters: true,
      },
    ]);
    expect(mock.unused()).toEqual([]);
  });

  it('knows whether a call can have mattered', async () => {
    const { port, calls } = await listen({ matters: () => false });
    await converse(connect(port, '127.0.0.1'), session);
    expect(calls).toMatchObject([{ matters: false }]);
  });

  it('answers only what was recorded under the dialled name', async () => {
    const { port, calls } = await listen({ answers: [] });
    const asking = client(startup, query('select 2'), { kind: 'terminate' }).bytes;
    expect(await converse(connect(port, '127.0.0.1'), asking)).toContain('loop replay: no recorded answer');
    expect(calls).toMatchObject([
      {
        grade: 'missed',
        explanation: ['select 2: nothing was recorded for postgres.'],
      },
    ]);
  });

  it('encrypts when it is given a certificate', async () => {
    const authority = await createAuthority(Date.now());
    const { port } = await listen({ authority });
    const plain = connect(port, '127.0.0.1');
    plain.write(client({ kind: 'ssl' }).bytes);
    const [agreed] = (await once(plain, 'data')) as [Buffer];
    expect(agreed.toString()).toBe('S');
    const secure = connectTls({ socket: plain, ca: authority.certificate, servername: 'postgres' });
    expect(await converse(secure, session)).toContain('SELECT 1');
  });

  it('a peer that speaks something else loses its connection, nobody else does', async () => {
    const { port } = await listen();
    expect(await converse(connect(port, '127.0.0.1'), Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toContain('08P01');
    const gone = connect(port, '127.0.0.1');
    await once(gone, 'connect');
    gone.resetAndDestroy();
    expect(await converse(connect(port, '127.0.0.1'), session)).toContain('SELECT 1');
  });

  it('encrypts at once for a client that begins so', async () => {
    const authority = await createAuthority(Date.now());
    const { port } = await listen({ authority });
    const secure = connectTls({
      port,
      host: '127.0.0.1',
      ca: authority.certificate,
      servername: 'pg',
      ALPNProtocols: ['postgresql'],
    });
    expect(await converse(secure, session)).toContain('SELECT 1');
    expect(secure.alpnProtocol).toBe('postgresql');
  });

  it('what a client asks while its statement waits is answered once it is cancelled', async () => {
    const failed = error('57014', 'canceling statement due to user request');
    const { port } = await listen({
      answers: recorded([
        ...queried('select pg_sleep(9)', failed),
        ...queried('select 1', columns(column('a')), row('1'), complete('SELECT 1')),
      ]),
    });
    const waiting = connect(port, '127.0.0.1');
    const answered = text(waiting);
    waiting.write(client(startup, query('select pg_sleep(9)'), query('select 1'), { kind: 'terminate' }).bytes);
    const [greeting] = (await once(waiting, 'data')) as [Buffer];
    const key = greeting.subarray(greeting.indexOf('K\0\0\0\f') + 5);
    const wrong = { kind: 'cancel', process: key.readInt32BE(0), secret: Buffer.from('no!!') } as const;
    expect(await converse(connect(port, '127.0.0.1'), client(wrong).bytes)).toBe('');
    const right = { ...wrong, secret: key.subarray(4, 8) };
    expect(await converse(connect(port, '127.0.0.1'), client(right).bytes)).toBe('');
    const said = await answered;
    expect(said.indexOf('57014')).toBeGreaterThan(0);
    expect(said.indexOf('SELECT 1')).toBeGreaterThan(said.indexOf('57014'));
  });

  it('hostile clients get nothing out of it, and it goes on', async () => {
    const { port } = await listen();
    const mutants = fc.record({ at: fc.nat({ max: session.length }), patch: fc.uint8Array({ maxLength: 8 }) });
    await fc.assert(
      fc.asyncProperty(mutants, async ({ at, patch }) => {
        const bent = Buffer.concat([session.subarray(0, at), patch, session.subarray(at + patch.length)]);
        const socket = connect(port, '127.0.0.1');
        socket.end(bent);
        await text(socket).catch(() => undefined);
      }),
      { numRuns: 200 },
    );
    expect(await converse(connect(port, '127.0.0.1'), session)).toContain('SELECT 1');
  });

  it('hangs up on a cancel request', async () => {
    const { port } = await listen();
    expect(
      await converse(connect(port, '127.0.0.1'), client({ kind: 'cancel', process: 1, secret: Buffer.alloc(4) }).bytes),
    ).toBe('');
  });
});
