import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Supervisor } from '../../../../examples/shop/run/supervisor.ts';
import { eventually } from '../../../../examples/shop/run/wait.ts';

const SUPERVISOR = pathToFileURL(join(import.meta.dirname, '../../../../examples/shop/run/supervisor.ts')).href;

function plan(directory: string, command: string, args: readonly string[]) {
  return {
    name: 'it',
    command,
    args,
    directory,
    env: { PATH: process.env['PATH'] ?? '' },
    logFile: join(directory, 'it.log'),
  };
}

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'supervisor-'));
}

/** A killed process stays in the table until init reaps it: then it counts as gone. */
function alive(pid: number): boolean {
  if (!existsSync(`/proc/${String(pid)}/stat`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${String(pid)}/stat`, 'latin1'));
}

describe('the supervisor', () => {
  test('stops what it started, and removes what it was told to', async () => {
    const [supervisor, directory] = [new Supervisor(), temporary()];
    supervisor.removeAtEnd(directory);
    const started = await supervisor.start(plan(directory, 'sleep', ['600']));
    expect(started.running).toBe(true);
    await supervisor.stop(started);
    expect(started.running).toBe(false);
    await supervisor.close();
    expect(existsSync(directory)).toBe(false);
  });

  test('lets nothing outlive it when it is killed without a chance to clean up', async () => {
    const directory = temporary();
    const script = `
      import { Supervisor } from '${SUPERVISOR}';
      const supervisor = new Supervisor();
      supervisor.removeAtEnd('${directory}');
      const { pid } = await supervisor.start(${JSON.stringify(plan(directory, 'sleep', ['600']))});
      process.stdout.write(String(pid));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))),
    );
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await eventually('the orphan is not gone', 8000, async () => {
      if (alive(pid) || existsSync(directory)) throw new Error('still there');
    });
  });

  test('says the last words of a process that ends before it is ready', async () => {
    const [supervisor, directory] = [new Supervisor(), temporary()];
    supervisor.removeAtEnd(directory);
    const started = await supervisor.start(plan(directory, 'sh', ['-c', 'echo no such file >&2; exit 3']));
    await expect(started.ready(() => Promise.reject(new Error('not yet')))).rejects.toThrow(
      'it ended before it was ready: no such file',
    );
    await supervisor.close();
  });

  test('names the command that cannot be started', async () => {
    const [supervisor, directory] = [new Supervisor(), temporary()];
    supervisor.removeAtEnd(directory);
    await expect(supervisor.start(plan(directory, '/no/envoy', []))).rejects.toThrow('it: /no/envoy does not start');
    await supervisor.close();
  });
});
