import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Dialled, Mock } from '../../../replay-sandbox/mocks/mock.ts';
import { AddressBook } from '../../../replay-sandbox/mocks/names.ts';
import type { Refusal } from '../../../replay-sandbox/mocks/refusal.ts';
import type { Route } from '../../../replay-sandbox/mocks/router.ts';
import { Router } from '../../../replay-sandbox/mocks/router.ts';
import { createAuthority } from '../../../replay-sandbox/mocks/tls/authority.ts';

/** Says whom it stands for, and what it heard first. */
const echo: Mock = {
  protocol: 'echo',
  serve: (socket, { name, port }: Dialled) =>
    void socket.once('data', (chunk: Buffer) => socket.end(`${name}:${port} heard ${chunk.toString()}`)),
  unused: () => [],
};
const greeting: Mock = {
  protocol: 'greeting',
  serve: (socket, { name }) => void socket.end(`${name} speaks first`),
  unused: () => [],
};

async function listening(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

/** Everything dials 127.0.0.1 here; `names` says which recorded names that is. */
async function router(names: readonly string[], routesOf: (port: number) => readonly Route[]) {
  const { server, port } = await listening();
  const refused: Refusal[] = [];
  const authority = await createAuthority(Date.now());
  const routes = routesOf(port);
  const made = new Router({
    routes,
    book: new AddressBook(names),
    authority,
    refused: (refusal) => refused.push(refusal),
  });
  made.attach(server, port);
  return { made, port, refused, authority, routes };
}

async function heard(socket: ReturnType<typeof connect>): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => (text += error.code ?? 'error'));
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const to =
  (mock: Mock, clientFirst = true) =>
  (port: number): readonly Route[] => [{ name: '127.0.0.1', port, mock, clientFirst }];

describe('a connection', () => {
  it('goes to the mock of what was dialled, with every byte', async () => {
    const { port, refused } = await router(['127.0.0.1'], to(echo));
    const socket = connect(port, '127.0.0.1');
    socket.write('hello');
    expect(await heard(socket)).toBe(`127.0.0.1:${port} heard hello`);
    expect(refused).toEqual([]);
  });

  it('inside TLS, too: the handshake is ours', async () => {
    const { port, authority } = await router(['127.0.0.1'], to(echo));
    const socket = connectTls({ host: '127.0.0.1', port, servername: 'api.test', ca: authority.certificate });
    socket.write('hello');
    expect(await heard(socket)).toBe(`127.0.0.1:${port} heard hello`);
  });

  it('to a peer that speaks first does not wait for the client', async () => {
    const { port } = await router(['127.0.0.1'], to(greeting, false));
    expect(await heard(connect(port, '127.0.0.1'))).toBe('127.0.0.1 speaks first');
  });

  it('to an address nobody recorded is reset and reported', async () => {
    const { port, refused } = await router(['pricing'], to(echo));
    expect(await heard(connect(port, '127.0.0.1'))).toBe('ECONNRESET');
    expect(refused).toEqual([{ kind: 'tcp', target: `127.0.0.1:${port}`, reason: 'this address was not recorded' }]);
  });

  it('to another port of a recorded peer, likewise', async () => {
    const { port, refused } = await router(['127.0.0.1'], () => [
      { name: '127.0.0.1', port: 1, mock: echo, clientFirst: true },
    ]);
    expect(await heard(connect(port, '127.0.0.1'))).toBe('ECONNRESET');
    expect(refused).toMatchObject([{ reason: `127.0.0.1 was not called on port ${port} in the recording` }]);
  });

  it('that is closed before a byte is nobody’s', async () => {
    const { port, refused } = await router(['127.0.0.1'], to(echo));
    expect(await heard(connect(port, '127.0.0.1').end())).toBe('');
    expect(refused).toEqual([]);
  });

  it('that begins like TLS and is none loses only itself', async () => {
    const { port } = await router(['127.0.0.1'], to(echo));
    const broken = connect(port, '127.0.0.1');
    broken.write(Buffer.from([0x16, 3, 1, 0xff, 0xff, 1, 2, 3]));
    broken.end();
    await heard(broken);
    const socket = connect(port, '127.0.0.1');
    socket.write('still there');
    expect(await heard(socket)).toContain('heard still there');
  });

  it('of the service’s own loopback stands for one peer', async () => {
    const { made, port, routes } = await router(['127.0.0.1'], to(echo));
    const own = await listening();
    const [route] = routes;
    if (route !== undefined) made.attachAs(own.server, { ...route, name: 'postgres.shop' });
    const socket = connect(own.port, '127.0.0.1');
    socket.write('hello');
    expect(await heard(socket)).toBe(`postgres.shop:${port} heard hello`);
  });
});

it('knows each port once', async () => {
  const route = { name: 'a', mock: echo, clientFirst: true };
  const { made } = await router([], () => [
    { ...route, port: 80 },
    { ...route, name: 'b', port: 80 },
    { ...route, port: 443 },
  ]);
  expect(made.ports()).toEqual([80, 443]);
});
