import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Dial } from '../../../replay-sandbox/isolate/isolation.ts';
import { Refusals } from '../../../replay-sandbox/launch/refusals.ts';
import { createHttpMock } from '../../../replay-sandbox/mocks/http/mock.ts';
import { AddressBook } from '../../../replay-sandbox/mocks/names.ts';
import { T0 } from '../../support/transaction.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const MOCK = createHttpMock({ answers: [], log: { add() {} }, clock: { now: () => T0 }, matters: () => true });

function after(...dials: readonly Partial<Dial>[]): readonly string[] {
  const routes = [{ name: 'stock', port: 8000, mock: MOCK, clientFirst: true }];
  const refusals = new Refusals(new AddressBook(['stock']), routes, ['192.0.2.10', '192.0.2.53']);
  for (const dial of dials) refusals.dialled({ kind: 'tcp', address: '', at: T0, ...dial });
  return refusals.list().map(({ kind, target, reason }) => `${kind} ${target}: ${reason}`);
}

describe('a dial', () => {
  it.each<[string, Partial<Dial>]>([
    ['a recorded peer', { address: '198.18.0.1', port: 8000 }],
    ['a recorded peer over UDP, as resolvers do to sort addresses', { kind: 'udp', address: '198.18.0.1', port: 8000 }],
    ['itself', { address: '127.0.0.1', port: 5432 }],
    ['itself over IPv6', { address: '::1', port: 5432 }],
    ['whatever it listens on', { address: '0.0.0.0', port: 5432 }],
    ['the resolver', { kind: 'udp', address: '192.0.2.53', port: 53 }],
    ['its own address', { address: '192.0.2.10', port: 8080 }],
    ['no port: resolvers sort addresses so', { kind: 'udp', address: '203.0.113.7', port: 0 }],
    ['a socket that is not on this machine', { kind: 'unix', address: '/nowhere/x.sock' }],
  ])('to %s is nobody’s business', (_what, dial) => {
    expect(after(dial)).toEqual([]);
  });

  it.each<[Partial<Dial>, string]>([
    [{ address: '203.0.113.7', port: 443 }, 'tcp 203.0.113.7:443: this address was not recorded'],
    [{ address: '198.18.0.1', port: 9 }, 'tcp stock:9: stock was not called on port 9 in the recording'],
    [{ kind: 'udp', address: '203.0.113.7', port: 8125 }, 'udp 203.0.113.7:8125: this address was not recorded'],
    [{ kind: 'unix', address: '@bus' }, "unix @bus: this machine's own sockets are out of reach in the sandbox"],
  ])('%j is reported', (dial, line) => {
    expect(after(dial)).toEqual([line]);
  });

  it('to a socket of this machine is reported', async () => {
    const path = join(temporaryDirectory(), 'host.sock');
    const server = createServer().listen(path);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    expect(after({ kind: 'unix', address: path })).toEqual([
      `unix ${path}: this machine's own sockets are out of reach in the sandbox`,
    ]);
  });

  it('again and again is reported once', () => {
    const dial = { address: '203.0.113.7', port: 443 };
    expect(after(dial, dial, { ...dial, port: 444 }, dial)).toHaveLength(2);
  });
});
