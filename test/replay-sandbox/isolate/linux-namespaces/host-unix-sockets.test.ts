import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hostUnixSockets, listedPaths } from '../../../../replay-sandbox/isolate/linux-namespaces/host-unix-sockets.ts';
import { collectDials, makePlaces, openSandbox, runScript, skipWithoutNamespaces } from '../../../support/sandbox.ts';

/** A unix socket of the host; `path` may be '\0name'. */
async function listenOnHost(path: string): Promise<void> {
  const server = createServer((socket) => socket.end('the host'));
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
}

const dialScript = (path: string): string => `
  import { connect } from 'node:net';
  console.log(await new Promise((resolve) => {
    const socket = connect(${JSON.stringify(path)});
    socket.on('error', (error) => resolve(error.code));
    socket.on('data', (chunk) => { resolve(String(chunk)); socket.destroy(); });
  }));`;

describe('the list', () => {
  it('takes paths, with spaces too, and leaves abstract and nameless sockets', () => {
    const table = `Num       RefCount Protocol Flags    Type St Inode Path
000000007253b83e: 00000003 00000000 00000000 0001 03   580
00000000462d97b5: 00000002 00000000 00010000 0001 01   579 @/tmp/.X11-unix/X0
0000000011111111: 00000002 00000000 00010000 0001 01 12345 /run/user/1000/bus
0000000022222222: 00000002 00000000 00010000 0005 01   581 /home/a b/my socket
`;
    expect(listedPaths(table)).toEqual(['/run/user/1000/bus', '/home/a b/my socket']);
  });

  it('names each socket that is there once', async () => {
    const { root } = await makePlaces();
    const path = join(root, 'a socket');
    await listenOnHost(path);
    expect((await hostUnixSockets()).filter((found) => found === path)).toEqual([path]);
  });
});

describe('a unix socket of the host', () => {
  beforeEach(skipWithoutNamespaces);

  const files = [
    ['in /tmp', 'a.sock'],
    ['in the home directory', 'home/b.sock'],
    ['in the project', 'home/project/c.sock'],
  ] as const;

  it.each(files)('%s is refused and reported', async (_where, file) => {
    const places = await makePlaces();
    const path = join(places.root, file);
    await listenOnHost(path);
    const sandbox = await openSandbox(places);
    const dials = collectDials(sandbox);
    const service = await runScript(sandbox, places.project, dialScript(path));
    expect((await service.ended).stdout).toBe('ECONNREFUSED\n');
    expect(dials).toEqual([{ kind: 'unix', address: path, at: expect.any(Number) }]);
  });

  it.each(files)('%s is out of reach too when it comes later', async (_where, file) => {
    const places = await makePlaces();
    const path = join(places.root, file);
    const sandbox = await openSandbox(places);
    await listenOnHost(path);
    const service = await runScript(sandbox, places.project, dialScript(path));
    // A throw-away copy may not show it at all.
    expect((await service.ended).stdout).toMatch(/^(ECONNREFUSED|ENOENT)\n$/);
  });

  it('with an abstract name is unreachable', async () => {
    const places = await makePlaces();
    const name = `loop-test-${process.pid}`;
    await listenOnHost(`\0${name}`);
    const sandbox = await openSandbox(places);
    const dials = collectDials(sandbox);
    const service = await runScript(sandbox, places.project, dialScript(`\0${name}`));
    expect((await service.ended).stdout).toBe('ECONNREFUSED\n');
    expect(dials).toEqual([{ kind: 'unix', address: `@${name}`, at: expect.any(Number) }]);
  });

  it('is reached when that is asked for', async () => {
    const places = await makePlaces();
    const path = join(places.home, 'open.sock');
    await listenOnHost(path);
    const sandbox = await openSandbox(places, { hiddenUnixSockets: 'none' });
    const service = await runScript(sandbox, places.project, dialScript(path));
    expect((await service.ended).stdout).toBe('the host\n');
    expect(sandbox.limits).toContain('Unix sockets of the host can be reached, as was asked for.');
  });

  it('does not take the name of one that the service makes itself', async () => {
    const places = await makePlaces();
    const path = join(places.project, 'own.sock');
    await listenOnHost(path);
    const sandbox = await openSandbox(places);
    const service = await runScript(
      sandbox,
      places.project,
      `import { createServer } from 'node:net';
       import { rmSync } from 'node:fs';
       rmSync('own.sock');
       const own = createServer((socket) => socket.end('myself'));
       await new Promise((resolve) => own.listen('own.sock', resolve));
       ${dialScript(path)}
       own.close();`,
    );
    expect((await service.ended).stdout).toBe('myself\n');
  });
});
