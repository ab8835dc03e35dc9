import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished, vi } from 'vitest';
import { dialledAddress } from '../../../../replay-sandbox/isolate/dialled-address.ts';
import type { Dial, Isolation } from '../../../../replay-sandbox/isolate/isolation.ts';
import { nodePreload } from '../../../../replay-sandbox/isolate/node-preload/backend.ts';
import { Gate } from '../../../../replay-sandbox/isolate/node-preload/gate.ts';
import { noIsolation } from '../../../../replay-sandbox/isolate/none/backend.ts';
import { serveDns } from '../../../../replay-sandbox/mocks/dns/server.ts';
import { AddressBook } from '../../../../replay-sandbox/mocks/names.ts';
import { runCommand, runScript } from '../../../support/sandbox.ts';

async function directory(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'loop-test-')));
  onTestFinished(async () => await rm(path, { recursive: true, force: true }));
  return path;
}

/** A sandbox that knows `pricing.shop`, and what was dialled in it. */
async function open(): Promise<{ isolation: Isolation; dials: Dial[]; unknown: string[] }> {
  const isolation = await nodePreload(() => Date.now()).open({
    projectDirectory: '/tmp',
    homeDirectory: '/tmp',
    binds: new Map(),
    hiddenUnixSockets: 'all',
  });
  onTestFinished(async () => await isolation.close());
  const dials: Dial[] = [];
  const unknown: string[] = [];
  isolation.onDial((dial) => dials.push(dial));
  await serveDns(isolation, new AddressBook(['pricing.shop']), ({ target }) => unknown.push(target));
  return { isolation, dials, unknown };
}

const run = async (isolation: Isolation, script: string) => await runScript(isolation, '/tmp', script);

it('fetch reaches the mock of the name, which sees the address that was dialled', async () => {
  const { isolation, dials } = await open();
  const mock = createHttpServer((request, response) => {
    response.end(`${request.headers.host} ${dialledAddress(request.socket)}`);
  });
  (await isolation.listen(80, 'mocks')).on('connection', (socket) => mock.emit('connection', socket));
  const service = await run(isolation, `console.log(await (await fetch('http://pricing.shop/')).text());`);
  expect(await service.ended).toMatchObject({ code: 0, stdout: 'pricing.shop 198.18.0.1\n' });
  expect(dials).toMatchObject([{ kind: 'tcp', address: '198.18.0.1', port: 80 }]);
});

it('a server that speaks first is heard, and what is said at once comes whole', async () => {
  const { isolation } = await open();
  const mocks = await isolation.listen(5432, 'mocks');
  mocks.on('connection', (socket) => {
    socket.write('hello;');
    socket.pipe(socket);
  });
  const service = await run(
    isolation,
    `import { connect } from 'node:net';
     const socket = connect({ host: 'pricing.shop', port: 5432 });
     socket.end('x'.repeat(300_000));
     let said = '';
     socket.on('data', (chunk) => (said += chunk)).on('end', () => console.log(said.slice(0, 6), said.length));`,
  );
  expect(await service.ended).toMatchObject({ code: 0, stdout: 'hello; 300006\n' });
});

it('what nobody answers is refused, and told', async () => {
  const { isolation, dials, unknown } = await open();
  const service = await run(
    isolation,
    `import { connect } from 'node:net';
     import { createSocket } from 'node:dgram';
     import { lookup } from 'node:dns/promises';
     import { Resolver, resolve4 } from 'node:dns/promises';
     const tried = (options) => new Promise((done) => connect(options).on('error', ({ code }) => done(code)).on('connect', () => done('connected')));
     const named = (promise) => promise.then(() => 'found', ({ code }) => code);
     console.log(await tried({ host: '192.0.2.1', port: 443 }), await tried({ port: 1 }), await tried({ path: '/var/run/other.sock' }),
       await named(lookup('elsewhere.example')), await named(resolve4('other.example')), await named(new Resolver().resolve4('third.example')));
     const socket = createSocket('udp4');
     socket.send('metric', 8125, '192.0.2.2', (error, bytes) => { console.log(error, bytes); socket.close(); });`,
  );
  expect(await service.ended).toMatchObject({
    code: 0,
    stdout: 'ECONNREFUSED ECONNREFUSED ECONNREFUSED ENOTFOUND ENOTFOUND ENOTFOUND\nnull 6\n',
  });
  expect(dials).toMatchObject([
    { kind: 'tcp', address: '192.0.2.1', port: 443 },
    { kind: 'tcp', port: 1 },
    { kind: 'unix', address: '/var/run/other.sock' },
    { kind: 'udp', address: '192.0.2.2', port: 8125 },
  ]);
  expect([...new Set(unknown)]).toEqual(['elsewhere.example', 'other.example', 'third.example']);
});

it('a server of this machine is out of reach, which it is not without isolation', async () => {
  const outside = createServer((socket) => socket.end('outside'));
  outside.listen(0, '127.0.0.1');
  await once(outside, 'listening');
  onTestFinished(() => void outside.close());
  const { port } = outside.address() as AddressInfo;
  const dial = `import { connect } from 'node:net';
    connect(${port}, '127.0.0.1').on('error', ({ code }) => console.log(code)).on('data', (text) => console.log(String(text)));`;
  const { isolation } = await open();
  const inside = await (await run(isolation, dial)).ended;
  const free = await (await runScript(await openSpace(), '/tmp', dial)).ended;
  expect([inside.stdout, free.stdout]).toEqual(['ECONNREFUSED\n', 'outside\n']);
});

async function openSpace(): Promise<Isolation> {
  const places = { projectDirectory: '/tmp', homeDirectory: '/tmp', binds: new Map<string, string>() };
  const isolation = await noIsolation.open({ ...places, hiddenUnixSockets: 'all' });
  onTestFinished(async () => await isolation.close());
  return isolation;
}

const SERVER = `import { createServer } from 'node:http';
  const server = createServer((request, response) => response.end('from ' + process.pid));
  server.listen(8080, '0.0.0.0', async () => console.log('up ' + server.address().port + ' ' + (await (await fetch('http://localhost:8080/')).text()) + '.'));`;

it('two services listen on one port, each in its own sandbox; each reaches itself, and is reached', async () => {
  const services = await Promise.all(
    [await open(), await open()].map(async ({ isolation }) => ({ isolation, service: await run(isolation, SERVER) })),
  );
  const seen = await Promise.all(
    services.map(async ({ isolation, service }) => {
      const said = await service.said('.');
      // That it listens is told to us on another way than what it prints.
      const socket = await vi.waitFor(() => isolation.connect(8080), 10_000);
      socket.end('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
      return { said, answer: await text(socket), pid: service.pid };
    }),
  );
  for (const { said, answer, pid } of seen) {
    expect(said).toBe(`up 8080 from ${pid}.\n`);
    expect(answer).toContain(`from ${pid}`);
  }
  expect(new Set(seen.map(({ pid }) => pid)).size).toBe(2);
});

it('worker threads and child processes of Node are inside as well, and reach their parent', async () => {
  const { isolation } = await open();
  const path = await directory();
  await writeFile(
    join(path, 'dial.mjs'),
    `import { connect } from 'node:net';
     const tried = (options) => new Promise((done) => connect(options).on('error', ({ code }) => done(code)).on('connect', function () { this.destroy(); done('connected'); }));
     console.log(await tried({ host: '192.0.2.1', port: 443 }), await tried({ port: 8080 }));`,
  );
  await writeFile(
    join(path, 'main.mjs'),
    `import { createServer } from 'node:net';
     import { spawn } from 'node:child_process';
     import { Worker } from 'node:worker_threads';
     import { once } from 'node:events';
     const server = createServer((socket) => socket.end()).listen(8080);
     await once(server, 'listening');
     await once(spawn(process.execPath, ['dial.mjs'], { stdio: 'inherit' }), 'exit');
     await once(new Worker('./dial.mjs'), 'exit');
     server.close();`,
  );
  const service = await runCommand(isolation, path, [process.execPath, 'main.mjs']);
  expect(await service.ended).toMatchObject({
    code: 0,
    stdout: 'ECONNREFUSED connected\nECONNREFUSED connected\n',
  });
});

it.each([
  ['spawn', `await once(spawn(process.execPath, ['dial.mjs'], { stdio: 'inherit', env: {} }), 'exit');`],
  ['fork', `await once(fork('dial.mjs', { env: { NODE_OPTIONS: '--no-warnings' } }), 'exit');`],
  ['spawnSync', `spawnSync(process.execPath, ['dial.mjs'], { stdio: 'inherit', env: {} });`],
  ['a shell', `execSync('"' + process.execPath + '" dial.mjs', { stdio: 'inherit', env: {} });`],
  ['Worker', `await once(new Worker('./dial.mjs', { env: {} }), 'exit');`],
  [
    'Worker of a changed process.env',
    `delete process.env.LOOP_PRELOAD; delete process.env.NODE_OPTIONS;
     await once(new Worker('./dial.mjs', { execArgv: [] }), 'exit');`,
  ],
])('%s given another environment stays inside', async (_name, start) => {
  const outside = createServer((socket) => socket.end('outside'));
  outside.listen(0, '127.0.0.1');
  await once(outside, 'listening');
  onTestFinished(() => void outside.close());
  const { port } = outside.address() as AddressInfo;
  const { isolation } = await open();
  const path = await directory();
  await writeFile(
    join(path, 'dial.mjs'),
    `import { connect } from 'node:net';
     connect(${port}, '127.0.0.1').on('error', ({ code }) => console.log(code)).on('connect', function () { this.destroy(); console.log('out'); });`,
  );
  await writeFile(
    join(path, 'main.mjs'),
    `import { execSync, fork, spawn, spawnSync } from 'node:child_process';
     import { Worker } from 'node:worker_threads';
     import { once } from 'node:events';
     ${start}`,
  );
  const service = await runCommand(isolation, path, [process.execPath, 'main.mjs']);
  expect(await service.ended).toMatchObject({ code: 0, stdout: 'ECONNREFUSED\n' });
});

it('the system is not asked for the name of an address', async () => {
  const { isolation } = await open();
  const service = await run(
    isolation,
    `import { lookupService } from 'node:dns';
     import { lookupService as promised } from 'node:dns/promises';
     lookupService('127.0.0.1', 80, (error) => console.log(error.code, error.syscall));
     await promised('127.0.0.1', 80).catch(({ code }) => console.log(code));`,
  );
  expect((await service.ended).stdout).toBe('ENOTFOUND getnameinfo\nENOTFOUND\n');
});

it('the inspector has a port of its own choice, and is found under the one that was asked for', async () => {
  const { isolation } = await open();
  const script = 'setInterval(() => {}, 1000)';
  const command = [process.execPath, '--inspect-wait=127.0.0.1:9229', '-e', script];
  const services = [await runCommand(isolation, '/tmp', command)];
  await expect
    .poll(
      async () =>
        await isolation.connect(9229).then(
          (socket) => (socket.destroy(), 'open'),
          () => 'not yet',
        ),
    )
    .toBe('open');
  services.forEach(({ kill }) => kill('SIGKILL'));
});

it('a program that is not Node is not run', async () => {
  const { isolation } = await open();
  await expect(runCommand(isolation, '/tmp', ['python3', '-c', '1'])).rejects.toMatchObject({
    code: 'command-failed',
    hint: expect.stringContaining('container'),
  });
});

it('what is not of its service is not listened to', async () => {
  const gate = await Gate.open('secret', () => 0);
  onTestFinished(() => gate.close());
  const heard: string[] = [];
  gate.onDial(({ address }) => heard.push(address));
  for (const line of [
    '{"kind":"dial","token":"guess!","id":1,"address":"192.0.2.1","port":1}\n',
    'nonsense\n',
    '{"kind":"dial","token":"secret","id":1}\n',
    'x'.repeat(100_000),
  ]) {
    const socket = connect(gate.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(line);
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
  }
  expect(heard).toEqual([]);
});
