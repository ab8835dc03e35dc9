import { beforeEach, describe, expect, it } from 'vitest';
import {
  collectDials,
  makePlaces,
  openSandbox,
  processesWith,
  runCommand,
  runScript,
  skipWithoutNamespaces,
} from '../../../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const sleepForever = (says: string, marker = ''): string =>
  `console.log('${says}'); setInterval(() => {}, 1000); /* ${marker} */`;

describe('the launched command', () => {
  it('streams its output and gives its exit code', async () => {
    const places = await makePlaces();
    const service = await runScript(
      await openSandbox(places),
      places.project,
      `process.stdout.write('out '.repeat(100_000)); console.error('err'); process.exitCode = 7;`,
    );
    expect(await service.ended).toEqual({ code: 7, signal: null, stdout: 'out '.repeat(100_000), stderr: 'err\n' });
  });

  it('gets the environment and the directory it is given, and nothing else', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const service = await runCommand(sandbox, places.project, ['sh', '-c', 'pwd; env | sort | grep -v ^_=']);
    expect((await service.ended).stdout).toBe(
      `${places.project}\nPATH=/usr/local/bin:/usr/bin:/bin\nPWD=${places.project}\n`,
    );
  });

  it('is not troubled by zero bytes in its environment', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    let said = '';
    const { exited } = await sandbox.launch(['/usr/bin/env'], {
      cwd: places.project,
      env: { ZEROS: '\0'.repeat(500_000), LAST: 'here' },
      onOutput: (_stream, chunk) => (said += chunk.toString()),
    });
    expect([await exited, said]).toEqual([{ code: 0, signal: null }, 'ZEROS=\nLAST=here\n']);
  });

  it('runs as its user, without capabilities and without a way to get some', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const service = await runCommand(sandbox, places.project, [
      'sh',
      '-c',
      'id -u; grep -E "Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs" /proc/self/status',
    ]);
    const none = '0000000000000000';
    expect((await service.ended).stdout).toBe(
      `${process.getuid?.()}\nCapPrm:\t${none}\nCapEff:\t${none}\nCapBnd:\t${none}\nCapAmb:\t${none}\nNoNewPrivs:\t1\n`,
    );
  });

  it('sees only its own processes', async () => {
    const places = await makePlaces();
    const service = await runScript(
      await openSandbox(places),
      places.project,
      `import { readdirSync } from 'node:fs';
       console.log(process.pid, readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).join());`,
    );
    expect((await service.ended).stdout).toBe('2 1,2\n');
  });

  it('is named when it cannot be executed', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    await expect(runCommand(sandbox, places.project, ['no-such-program'])).rejects.toMatchObject({
      code: 'command-failed',
      message: `Cannot execute no-such-program in ${places.project} (ENOENT).`,
      hint: `Check that no-such-program is on the PATH that the service gets, and that ${places.project} exists.`,
    });
    await expect(runCommand(sandbox, '/nowhere', ['true'])).rejects.toMatchObject({ code: 'command-failed' });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends by %s, with what it has started', async (signal) => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const marker = `loop-test-${signal}-${process.pid}`;
    // The shell waits for its child and passes no signal on.
    const service = await runCommand(sandbox, places.project, [
      'sh',
      '-c',
      `${process.execPath} -e "${sleepForever('up', marker)}"; true`,
    ]);
    await service.said('up');
    service.kill(signal);
    expect(await service.ended).toMatchObject({ code: null, signal });
    expect(await processesWith(marker)).toEqual([]);
  });

  it('gets signals that do not end it', async () => {
    const places = await makePlaces();
    const service = await runScript(
      await openSandbox(places),
      places.project,
      `process.once('SIGUSR2', () => { console.log('got it'); process.exit(3); }); ${sleepForever('up')}`,
    );
    await service.said('up');
    service.kill('SIGUSR2');
    expect(await service.ended).toMatchObject({ code: 3, stdout: 'up\ngot it\n' });
    service.kill('SIGTERM');
  });

  it('takes what it left in the background with it', async () => {
    const places = await makePlaces();
    const marker = `loop-test-background-${process.pid}`;
    const service = await runScript(
      await openSandbox(places),
      places.project,
      `import { spawn } from 'node:child_process';
       const child = spawn(process.execPath, ['-e', ${JSON.stringify(sleepForever('up', marker))}], { detached: true });
       child.stdout.once('data', () => process.exit(0));`,
    );
    expect(await service.ended).toMatchObject({ code: 0 });
    expect(await processesWith(marker)).toEqual([]);
  });

  it('is killed when the sandbox closes, and nothing runs any more', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const marker = `loop-test-close-${process.pid}`;
    const service = await runScript(sandbox, places.project, sleepForever('up', marker));
    await service.said('up');
    expect(await processesWith(marker)).toHaveLength(4);
    await Promise.all([sandbox.close(), sandbox.close()]);
    expect(await service.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(await processesWith(marker)).toEqual([]);
    expect(await processesWith(places.root)).toEqual([]);
    await expect(sandbox.connect(80)).rejects.toMatchObject({ code: 'closed' });
    await expect(runScript(sandbox, places.project, '')).rejects.toMatchObject({ code: 'closed' });
  });

  it('may run beside another in the same sandbox', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const one = await runScript(sandbox, places.project, sleepForever('up'));
    const two = await runScript(sandbox, places.project, `console.log('done')`);
    expect(await two.ended).toMatchObject({ code: 0, stdout: 'done\n' });
    one.kill('SIGTERM');
    expect(await one.ended).toMatchObject({ signal: 'SIGTERM' });
  });
});

describe('dial reports', () => {
  it('lose none of many processes that dial and end at once', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const dials = collectDials(sandbox);
    const service = await runCommand(sandbox, places.project, [
      'perl',
      '-MSocket',
      '-e',
      `for my $port (1000 .. 1199) {
         next if fork;
         socket(my $socket, PF_INET, SOCK_STREAM, 0);
         connect($socket, sockaddr_in($port, inet_aton('203.0.113.9')));
         exit;
       }
       1 while wait > 0;`,
    ]);
    expect(await service.ended).toMatchObject({ code: 0 });
    const ports = dials.map(({ port = 0 }) => port);
    expect(ports.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => 1000 + index));
  });

  it('hold nothing up when a dialling process is killed', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const service = await runCommand(sandbox, places.project, [
      'perl',
      '-MSocket',
      '-e',
      `for (1 .. 20) {
         my $child = fork;
         if (!$child) {
           while (1) { socket(my $socket, PF_INET, SOCK_STREAM, 0); connect($socket, sockaddr_in(9, inet_aton('203.0.113.9'))); }
         }
         select(undef, undef, undef, 0.005);
         kill 9, $child;
         waitpid $child, 0;
       }
       print "all dead\\n";`,
    ]);
    expect(await service.ended).toMatchObject({ code: 0, stdout: 'all dead\n' });
  });

  it('name IPv4 addresses in one form, and leave out what getaddrinfo only tries', async () => {
    const places = await makePlaces();
    const sandbox = await openSandbox(places);
    const dials = collectDials(sandbox);
    const service = await runScript(
      sandbox,
      places.project,
      `import { connect } from 'node:net';
       import { lookup } from 'node:dns/promises';
       await lookup('localhost', { all: true });
       connect(80, '::ffff:203.0.113.5').on('error', () => {});`,
    );
    await service.ended;
    expect(dials).toEqual([{ kind: 'tcp', address: '203.0.113.5', port: 80, at: expect.any(Number) }]);
  });
});
