import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { linuxNamespaces } from '../../../../replay-sandbox/isolate/linux-namespaces/backend.ts';
import { NATIVE_DIRECTORY } from '../../../../replay-sandbox/isolate/linux-namespaces/build-native.ts';
import {
  type Places,
  makePlaces,
  openSandbox,
  processesWith,
  skipWithoutNamespaces,
} from '../../../support/sandbox.ts';

const run = promisify(execFile);
const BACKEND = fileURLToPath(
  new URL('../../../../replay-sandbox/isolate/linux-namespaces/backend.ts', import.meta.url),
);
const support = (name: string): string => fileURLToPath(new URL(`../../../support/${name}`, import.meta.url));

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'loop-test-'));
});
afterAll(async () => await rm(directory, { recursive: true, force: true }));

describe('packets that leave, with an open default route outside', () => {
  beforeEach(skipWithoutNamespaces);

  async function dialOut(backend: string): Promise<unknown> {
    const outer = join(directory, 'outer-network');
    const sources = ['netlink.c', 'report.c', 'identity.c'].map((name) => join(NATIVE_DIRECTORY, name));
    await run('cc', ['-I', NATIVE_DIRECTORY, '-o', outer, support('outer-network.c'), ...sources]);
    const { stdout } = await run(outer, [process.execPath, support('dial-out.ts'), backend]);
    return JSON.parse(stdout);
  }

  it('none, from the sandbox', async () => {
    expect(await dialOut('linux-namespaces')).toEqual({ backend: 'linux-namespaces', code: 0, sent: 0, before: 0 });
  });

  it('some, without isolation: the counter counts', async () => {
    const { sent } = (await dialOut('none')) as { sent: number };
    expect(sent).toBeGreaterThan(0);
  });
});

describe('open', () => {
  beforeEach(skipWithoutNamespaces);

  it('refuses a project that is not there', async () => {
    const places = await makePlaces();
    await expect(openSandbox(places, { projectDirectory: '/no/such/project' })).rejects.toMatchObject({
      code: 'set-up-failed',
      message: 'The project directory /no/such/project cannot be opened.',
    });
  });

  it('leaves nothing behind when it fails', async () => {
    const places = await makePlaces();
    vi.stubEnv('TMPDIR', places.root);
    onTestFinished(() => void vi.unstubAllEnvs());
    const binds = new Map([['/no/such/place', '/etc/passwd']]);
    await expect(openSandbox(places, { binds })).rejects.toMatchObject({
      code: 'bind-failed',
      message: 'Cannot show a file in the sandbox: /no/such/place (ENOENT).',
    });
    expect(await readdir(places.root)).toEqual(['home']);
  });
});

/** Opens a sandbox in a process of its own and runs the command in it; `then` is what that process does afterwards. */
function openAndRun(places: Places, command: readonly string[], then: string): readonly string[] {
  const request = { projectDirectory: places.project, homeDirectory: places.home, hiddenUnixSockets: 'all' };
  const script = `
    const { linuxNamespaces } = await import(${JSON.stringify(BACKEND)});
    const sandbox = await linuxNamespaces().open({ ...${JSON.stringify(request)}, binds: new Map() });
    const service = await sandbox.launch(${JSON.stringify(command)}, {
      cwd: ${JSON.stringify(places.project)}, env: {}, onOutput: (_stream, chunk) => process.stdout.write(chunk),
    });
    ${then}`;
  return [process.execPath, '--input-type=module', '-e', script];
}

describe('where less is permitted', () => {
  beforeEach(skipWithoutNamespaces);

  it('a project that cannot be copied on write is read-only, and that is said', async () => {
    const places = await makePlaces();
    await mkdir(join(places.project, 'mounted'));
    // What is mounted below a directory in an outer user namespace may not be taken off in an inner one.
    const outer = 'mount -t tmpfs none "$0/mounted" && exec unshare -Ur "$@"';
    const inner = openAndRun(
      places,
      ['/bin/sh', '-c', '/bin/touch file; /bin/ls'],
      'await service.exited; console.log(sandbox.limits.join("\\n")); await sandbox.close();',
    );
    const { stdout } = await run('unshare', ['-Urm', 'sh', '-c', outer, places.project, ...inner]);
    expect(stdout).toContain('Read-only file system\nmounted\n');
    expect(stdout).toContain(
      `The project is read-only for the service: the kernel refused a throw-away copy of ${places.project} (EINVAL).`,
    );
    expect(await readdir(places.project)).toEqual(['mounted']);
  });
});

describe('when this process is killed', () => {
  beforeEach(skipWithoutNamespaces);

  it('so is everything in the sandbox, and nothing is left on disk', async () => {
    const places = await makePlaces();
    const command = [process.execPath, '-e', `console.log('up'); setInterval(() => {}, 1000);`, places.root];
    const [program = '', ...words] = openAndRun(places, command, '');
    const env = { ...process.env, TMPDIR: places.root };
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'], env });
    await once(child.stdout, 'data');
    expect(await readdir(places.root)).toEqual(['home']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await vi.waitFor(async () => expect(await processesWith(places.root)).toEqual([]), { timeout: 10_000 });
  });
});

describe('probe', () => {
  it('finds the sandbox usable, or says why not in a sentence', async () => {
    const { available, reason } = await linuxNamespaces().probe();
    expect(available ? '' : reason).toMatch(available ? /^$/ : /\.$/);
  });

  it('names a missing compiler and how to get one', async () => {
    const options = { cacheDirectory: join(directory, 'cache'), compilers: ['no-such-compiler'] };
    expect(await linuxNamespaces(options).probe()).toEqual({
      available: false,
      reason:
        'The sandbox needs a small C program to be compiled once, and there is no C compiler (looked for no-such-compiler).',
      hint: expect.stringContaining('apt-get install gcc libc6-dev'),
      limits: [],
    });
  });

  it.each([
    ['max_user_namespaces', 'User namespaces are switched off: user.max_user_namespaces is 0 (namespaces ENOSPC).'],
    ['max_net_namespaces', 'Network namespaces are switched off: user.max_net_namespaces is 0 (namespaces ENOSPC).'],
  ])('names the setting that forbids it: %s', async (setting, reason) => {
    const script = `
      import { writeFileSync } from 'node:fs';
      const { linuxNamespaces } = await import(${JSON.stringify(BACKEND)});
      writeFileSync('/proc/sys/user/${setting}', '0');
      console.log(JSON.stringify(await linuxNamespaces().probe()));`;
    const { stdout } = await run('unshare', ['-Ur', process.execPath, '--input-type=module', '-e', script]);
    expect(JSON.parse(stdout)).toEqual({
      available: false,
      reason,
      hint: `sudo sysctl user.${setting}=15000`,
      limits: [],
    });
  });
});
