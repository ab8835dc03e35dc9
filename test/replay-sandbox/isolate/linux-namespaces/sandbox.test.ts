import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect as connectLocally, type Socket, createServer as createTcpServer } from 'node:net';
import { decode, encode } from 'dns-packet';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { dialledAddress } from '../../../../replay-sandbox/isolate/dialled-address.ts';
import type { Isolation } from '../../../../replay-sandbox/isolate/isolation.ts';
import {
  collectDials,
  makePlaces,
  openSandbox,
  runCommand,
  runScript,
  skipWithoutNamespaces,
} from '../../../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

/** Prints `<address> <port> <what came of it>` for each dial, one after the other. */
function dialScript(...targets: readonly (readonly [address: string, port: number])[]): string {
  return `
    import { connect } from 'node:net';
    for (const [host, port] of ${JSON.stringify(targets)}) {
      const result = await new Promise((resolve) => {
        const socket = connect({ host, port });
        socket.on('error', (error) => resolve(error.code));
        socket.on('data', (chunk) => { resolve(String(chunk)); socket.destroy(); });
      });
      console.log(host, port, result);
    }`;
}

async function greetOnMocks(sandbox: Isolation, port: number): Promise<void> {
  const server = await sandbox.listen(port, 'mocks');
  server.on('connection', (socket) => socket.end(`mock of ${dialledAddress(socket)}:${socket.localPort}`));
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  await once(socket, 'end');
  return text;
}

describe('what the service reaches', () => {
  it('a recorded port, on whatever address it dials, and the mock sees which', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    await greetOnMocks(sandbox, 8443);
    const service = await runScript(
      sandbox,
      places.project,
      dialScript(['203.0.113.7', 8443], ['198.18.0.1', 8443], ['2001:db8::9', 8443]),
    );
    expect((await service.ended).stdout).toBe(
      '203.0.113.7 8443 mock of 203.0.113.7:8443\n' +
        '198.18.0.1 8443 mock of 198.18.0.1:8443\n' +
        '2001:db8::9 8443 mock of 2001:db8::9:8443\n',
    );
  });

  it('no other port: refused at once and reported', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const dials = collectDials(sandbox);
    await greetOnMocks(sandbox, 5432);
    const service = await runScript(sandbox, places.project, dialScript(['203.0.113.7', 6379], ['2001:db8::9', 6379]));
    expect((await service.ended).stdout).toBe('203.0.113.7 6379 ECONNREFUSED\n2001:db8::9 6379 ECONNREFUSED\n');
    expect(dials).toEqual([
      { kind: 'tcp', address: '203.0.113.7', port: 6379, at: expect.any(Number) },
      { kind: 'tcp', address: '2001:db8::9', port: 6379, at: expect.any(Number) },
    ]);
  });

  it('the same port as its own, on another address', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    await greetOnMocks(sandbox, 8080);
    const service = await runScript(
      sandbox,
      places.project,
      `import { createServer } from 'node:net';
       const own = createServer((socket) => socket.end('myself')).listen(8080);
       ${dialScript(['127.0.0.1', 8080], ['203.0.113.7', 8080])}
       own.close();`,
    );
    expect((await service.ended).stdout).toBe('127.0.0.1 8080 myself\n203.0.113.7 8080 mock of 203.0.113.7:8080\n');
  });

  it('a mock on its own loopback', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const server = await sandbox.listen(6379, 'service-loopback');
    server.on('connection', (socket) => socket.end('side-car'));
    const service = await runScript(sandbox, places.project, dialScript(['127.0.0.1', 6379]));
    expect((await service.ended).stdout).toBe('127.0.0.1 6379 side-car\n');
  });

  it('names, through DNS over UDP', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const dns = await sandbox.listenUdp(53);
    dns.on('message', (packet, from) => {
      const { id = 0, questions = [] } = decode(packet);
      const answers = questions
        .filter(({ type }) => type === 'A')
        .map(({ name }) => ({ type: 'A' as const, name, ttl: 1, data: '198.18.0.7' }));
      dns.send(encode({ type: 'response', id, questions, answers }), from.port, from.address);
    });
    const service = await runScript(
      sandbox,
      places.project,
      `import { lookup } from 'node:dns/promises';
       console.log((await lookup('inventory.shop.svc')).address);`,
    );
    expect((await service.ended).stdout).toBe('198.18.0.7\n');
  });

  it('nothing of the host: not its loopback, not its own addresses', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const host = createTcpServer((socket) => socket.end('the host')).listen(0, '0.0.0.0');
    await once(host, 'listening');
    onTestFinished(() => void host.close());
    const { port } = host.address() as { port: number };
    const service = await runScript(sandbox, places.project, dialScript(['127.0.0.1', port], ['192.0.2.53', port]));
    expect((await service.ended).stdout).toBe(`127.0.0.1 ${port} ECONNREFUSED\n192.0.2.53 ${port} ECONNREFUSED\n`);
  });

  it('UDP packets to an address are reported and refused', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const dials = collectDials(sandbox);
    const service = await runScript(
      sandbox,
      places.project,
      `import { createSocket } from 'node:dgram';
       const sender = createSocket('udp4');
       sender.send('up:1|c', 8125, '203.0.113.125', () => sender.close());`,
    );
    await service.ended;
    expect(dials).toEqual([{ kind: 'udp', address: '203.0.113.125', port: 8125, at: expect.any(Number) }]);
  });

  it('no socket family that the network namespace does not confine', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const AF_VSOCK = 40;
    const perl = `socket(my $s, ${AF_VSOCK}, 1, 0) ? print "open" : print "$!"`;
    const service = await runCommand(sandbox, places.project, ['perl', '-e', perl]);
    expect((await service.ended).stdout).toBe('Address family not supported by protocol');
  });
});

describe('reaching the service', () => {
  const greeter = (host: string): string => `
    import { createServer } from 'node:http';
    const server = createServer((request, response) => {
      response.end('asked by ' + request.socket.remoteAddress);
      server.close();
    });
    server.listen(8080, '${host}', () => console.log('listening'));`;

  async function ask(socket: Socket): Promise<string> {
    const request = httpRequest({ createConnection: () => socket, headers: { connection: 'close' } }).end();
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    let text = '';
    for await (const chunk of response) text += chunk.toString();
    return text;
  }

  it.each([
    ['127.0.0.1', 'asked by 127.0.0.1'],
    ['::1', 'asked by ::1'],
    ['192.0.2.10', 'asked by 192.0.2.10'],
  ])('connects to a service that listens on %s only', async (host, answer) => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const service = await runScript(sandbox, places.project, greeter(host));
    await service.said('listening');
    expect(await ask(await sandbox.connect(8080))).toBe(answer);
    expect(await service.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('loses nothing of a server that speaks first', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const service = await runScript(
      sandbox,
      places.project,
      `import { createServer } from 'node:net';
       const server = createServer((socket) => { socket.end('hello '.repeat(20_000)); server.close(); });
       server.listen(2525, () => console.log('listening'));`,
    );
    await service.said('listening');
    expect(await readAll(await sandbox.connect(2525))).toBe('hello '.repeat(20_000));
  });

  it('is refused while nothing listens, and says what to do', async () => {
    const sandbox = await openSandbox(await makePlaces());
    await expect(sandbox.connect(8080)).rejects.toMatchObject({
      code: 'refused',
      message: 'Nothing in the sandbox accepts connections on port 8080 (ECONNREFUSED).',
      hint: 'Wait until the service says that it listens, and check the port.',
    });
  });

  it('may listen on a port that only root may take elsewhere', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const service = await runScript(
      sandbox,
      places.project,
      `import { createServer } from 'node:net';
       const server = createServer().listen(80, () => { console.log('listening'); server.close(); });`,
    );
    expect(await service.ended).toMatchObject({ code: 0, stdout: 'listening\n' });
  });
});

describe('the listeners', () => {
  it('a handed-out server can serve HTTP from this process', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    createServer((request, response) => response.end(`${request.method} ${request.url}`)).listen(
      await sandbox.listen(80, 'mocks'),
    );
    const service = await runScript(
      sandbox,
      places.project,
      `console.log(await (await fetch('http://203.0.113.7/a?b=c')).text());`,
    );
    expect((await service.ended).stdout).toBe('GET /a?b=c\n');
  });

  it('takes every one of many connections made at once', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    await greetOnMocks(sandbox, 9000);
    const service = await runScript(
      sandbox,
      places.project,
      `import { connect } from 'node:net';
       const one = () => new Promise((resolve, reject) => connect(9000, '203.0.113.1').on('error', reject).on('data', resolve));
       console.log((await Promise.all(Array.from({ length: 200 }, one))).length);
       process.exit();`,
    );
    expect((await service.ended).stdout).toBe('200\n');
  });

  it('a port is taken once', async () => {
    const sandbox = await openSandbox(await makePlaces());
    await sandbox.listen(80, 'mocks');
    await expect(sandbox.listen(80, 'mocks')).rejects.toMatchObject({ code: 'port-taken' });
    await sandbox.listenUdp(53);
    await expect(sandbox.listenUdp(53)).rejects.toMatchObject({ code: 'port-taken' });
  });

  it('two sandboxes do not meet', async () => {
    const [places, otherPlaces] = [await makePlaces(), await makePlaces()];
    const [sandbox, other] = await Promise.all([openSandbox(places), openSandbox(otherPlaces)]);
    await greetOnMocks(sandbox, 7000);
    await greetOnMocks(other, 7001);
    const script = dialScript(['203.0.113.7', 7000], ['203.0.113.7', 7001]);
    const [one, two] = await Promise.all([
      runScript(sandbox, places.project, script),
      runScript(other, otherPlaces.project, script),
    ]);
    expect((await one.ended).stdout).toBe('203.0.113.7 7000 mock of 203.0.113.7:7000\n203.0.113.7 7001 ECONNREFUSED\n');
    expect((await two.ended).stdout).toBe('203.0.113.7 7000 ECONNREFUSED\n203.0.113.7 7001 mock of 203.0.113.7:7001\n');
  });

  it('cannot be dialled from the host', async () => {
    const sandbox = await openSandbox(await makePlaces());
    await greetOnMocks(sandbox, 47_123);
    const [error] = (await once(connectLocally(47_123, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});
