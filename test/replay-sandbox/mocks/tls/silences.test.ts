import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../../../replay-sandbox/mocks/tls/authority.ts';
import { serverHandshake } from '../../../../replay-sandbox/mocks/tls/handshake.ts';
import { Silences } from '../../../../replay-sandbox/mocks/tls/silences.ts';

const authority = await createAuthority(Date.now());

async function silentClient() {
  const silences = new Silences();
  const told: string[] = [];
  const context = await authority.contextFor('a.test');
  const server = createServer((plain) => {
    plain.on('error', () => undefined);
    const secure = serverHandshake(plain, {
      context,
      contextOf: (name) => authority.contextFor(name),
      alpn: [],
      refused: (how) => told.push(how),
      silences,
    });
    secure.on('error', () => secure.destroy()).resume();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, servername: 'a.test', ca: authority.certificate });
  await once(socket, 'secureConnect');
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  return { silences, socket, told };
}

const FOREVER_MS = 60_000;

it('waits for a client to leave, which is then told', async () => {
  const { silences, socket, told } = await silentClient();
  socket.destroy();
  await silences.over(FOREVER_MS);
  expect(told).toEqual(['it left when it had seen the certificate, without a word']);
});

it('or to speak', async () => {
  const { silences, socket, told } = await silentClient();
  socket.write('a word');
  await silences.over(FOREVER_MS);
  expect(told).toEqual([]);
});

it('and not for long', async () => {
  const { silences, told } = await silentClient();
  await silences.over();
  expect(told).toEqual([]);
});
