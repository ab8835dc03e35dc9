import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { connect } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../../../replay-sandbox/mocks/tls/authority.ts';
import { serverHandshake } from '../../../../replay-sandbox/mocks/tls/handshake.ts';

const authority = await createAuthority(Date.now());

interface Heard {
  readonly refused: readonly string[];
  /** Common name of the client's certificate. */
  readonly client: string | undefined;
}

/** What the server knows of a client that connects so, once its connection is closed. */
async function after(options: ConnectionOptions, word?: string): Promise<Heard> {
  const refused: string[] = [];
  let client: string | undefined;
  const context = await authority.contextFor('a.test');
  const server = createServer((plain) => {
    plain.on('error', () => undefined);
    const secure = serverHandshake(plain, {
      context,
      contextOf: (name) => authority.contextFor(name),
      alpn: ['http/1.1'],
      refused: (how) => refused.push(how),
    });
    secure.on('error', () => secure.destroy());
    secure.once('secure', () => (client = secure.getPeerX509Certificate()?.subject));
    secure.on('data', () => secure.end());
    secure.once('close', () => server.emit('over'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const over = once(server, 'over');
  const socket = connect({ host: '127.0.0.1', port, servername: 'a.test', ...options });
  socket.on('error', () => undefined);
  socket.on('secureConnect', () => socket.end(word ?? ''));
  await over;
  return { refused, client };
}

it('a client that believes it, and speaks', async () => {
  expect(await after({ ca: authority.certificate }, 'hello')).toEqual({ refused: [], client: undefined });
});

it('a client with a certificate is asked for it', async () => {
  const { certificate: cert, key } = authority.client;
  expect(await after({ ca: authority.certificate, cert, key }, 'hello')).toEqual({
    refused: [],
    client: 'CN=loop-replay-client',
  });
});

it.each([
  ['TLSv1.2', { maxVersion: 'TLSv1.2' }],
  ['TLSv1.3', { minVersion: 'TLSv1.3' }],
] as const)('a client with a pin leaves without a word, %s', async (_version, options) => {
  const checkServerIdentity = (): Error => new Error('pinned');
  const { refused } = await after({ ca: authority.certificate, checkServerIdentity, ...options });
  expect(refused).toEqual(['it left when it had seen the certificate, without a word']);
});
