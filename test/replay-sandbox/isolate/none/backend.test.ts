import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Isolation } from '../../../../replay-sandbox/isolate/isolation.ts';
import { noIsolation } from '../../../../replay-sandbox/isolate/none/backend.ts';
import { runScript } from '../../../support/sandbox.ts';

async function open(): Promise<Isolation> {
  const isolation = await noIsolation.open({
    projectDirectory: '/tmp',
    homeDirectory: '/tmp',
    binds: new Map(),
    hiddenUnixSockets: 'all',
  });
  onTestFinished(async () => await isolation.close());
  return isolation;
}

it('says that it isolates nothing', async () => {
  const { available, limits } = await noIsolation.probe();
  expect(available).toBe(true);
  expect(limits).toEqual([
    'Nothing is isolated: the service reaches whatever this machine reaches, and writes where its user may.',
  ]);
});

it('runs a service that reaches a mock on the loopback, and is reached there', async () => {
  const isolation = await open();
  const mock = await isolation.listen(0, 'mocks');
  mock.on('connection', (socket) => socket.end('mock'));
  const { port } = mock.address() as AddressInfo;
  const service = await runScript(
    isolation,
    '/tmp',
    `import { connect, createServer } from 'node:net';
     const server = createServer((socket) => { socket.end('service'); server.close(); });
     server.listen(0, () => connect(${port}).on('data', (text) => console.log(text + ' ' + server.address().port + '.')));`,
  );
  const own = Number(/mock (\d+)/.exec(await service.said('.'))?.[1]);
  const [greeting] = (await once(await isolation.connect(own), 'data')) as [Buffer];
  expect(greeting.toString()).toBe('service');
  expect(await service.ended).toMatchObject({ code: 0 });
});

it('kills what it launched', async () => {
  const isolation = await open();
  const service = await runScript(isolation, '/tmp', `console.log('up'); setInterval(() => {}, 1000);`);
  await service.said('up');
  await isolation.close();
  expect(await service.ended).toMatchObject({ signal: 'SIGKILL' });
});
