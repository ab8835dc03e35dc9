/** Recorded HTTP peers behind a socket of this machine, plain or behind the sandbox's router with TLS. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ReplayedCall } from '../../replay-sandbox/match/call.ts';
import { createHttpMock } from '../../replay-sandbox/mocks/http/mock.ts';
import type { Mock } from '../../replay-sandbox/mocks/mock.ts';
import { AddressBook } from '../../replay-sandbox/mocks/names.ts';
import { Router } from '../../replay-sandbox/mocks/router.ts';
import { createAuthority } from '../../replay-sandbox/mocks/tls/authority.ts';
import type { Exchange } from '../../src/domain/exchange.ts';
import { T0 } from './transaction.ts';

export interface ServedMock {
  readonly port: number;
  readonly calls: readonly ReplayedCall[];
  readonly mock: Mock;
  /** PEM, of the authority that signs for every name. */
  readonly authority: string;
}

/** Everything is recorded of one peer, `pricing`, whatever name the test dials. TLS is taken off where a client begins it. */
export async function serveRecorded(...recorded: readonly Exchange[]): Promise<ServedMock> {
  const calls: ReplayedCall[] = [];
  const mock = createHttpMock({
    answers: recorded.map((one) => ({ exchange: { ...one, peer: { name: 'pricing' } }, source: 'loop' })),
    log: { add: (call) => calls.push(call) },
    clock: { now: () => T0 },
    matters: () => true,
  });
  const authority = await createAuthority(Date.now());
  const route = { name: 'pricing', port: 443, mock, clientFirst: true, alpn: ['h2', 'http/1.1'] };
  const router = new Router({ routes: [route], book: new AddressBook([]), authority, refused: () => undefined });
  const server = createServer();
  router.attachAs(server, route);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    router.close();
    server.close();
  });
  return { calls, mock, port: (server.address() as AddressInfo).port, authority: authority.certificate };
}
