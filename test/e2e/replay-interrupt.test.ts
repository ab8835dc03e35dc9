// Ctrl-C in a replay: everything is taken down first, then the signal has its way.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { LOOPCTL, start } from '../support/cli.ts';
import { makeProject, nodeService, SERVICE } from '../support/project.ts';
import type { TestProject } from '../support/project.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

beforeEach(skipWithoutNamespaces);

async function replaying(project: TestProject, words: readonly string[] = []) {
  const temporary = join(project.root, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const file = await writeRecording(project.root, { service: SERVICE, trigger: { path: '/orders' } });
  const program = start(LOOPCTL, ['replay', file, ...words], {
    cwd: project.directory,
    data: project.data,
    env: { TMPDIR: temporary },
  });
  const left = (): readonly string[] => readdirSync(temporary).filter((name) => name.startsWith('loop-'));
  return { ...program, left, temporary };
}

const HANGS = nodeService(`console.log('asked'); await new Promise(() => undefined);`);

it.each(['SIGINT', 'SIGTERM'] as const)('by %s while the service thinks: no file stays behind', async (signal) => {
  const program = await replaying(makeProject(HANGS));
  const { child, ended, left } = program;
  await program.said('stderr', 'asked');
  expect(left()).not.toEqual([]);
  child.kill(signal);
  expect(await ended).toMatchObject({ code: null, signal, stdout: '' });
  expect(left()).toEqual([]);
});

it('while it waits for a debugger, or for a service that does not come up', async () => {
  for (const [project, words] of [
    [makeProject(HANGS), ['--inspect', '0']],
    [makeProject({ 'server.mjs': `setInterval(() => undefined, 1000);` }), []],
  ] as const) {
    const { child, ended, left } = await replaying(project, words);
    await until(left, (names) => names.some((name) => name.startsWith('loop-trust-')));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ signal: 'SIGINT' });
    expect(left()).toEqual([]);
  }
});

it('while Python is asked, or debugpy brought: that has an end, too', async () => {
  const loopYaml = `version: 1\nservices:\n  ${SERVICE}:\n    command: [./python3, app.py]\n    port: 8080\n`;
  const project = makeProject({ 'loop.yaml': loopYaml, 'app.py': '' });
  const asked = join(project.root, 'asked');
  const python = `#!/bin/sh\necho $$ >${asked}\nexec sleep 600\n`;
  writeFileSync(join(project.directory, 'python3'), python, { mode: 0o755 });
  const { child, ended, left } = await replaying(project, ['--break-on', 'throw']);
  await until(
    () => existsSync(asked) && readFileSync(asked, 'utf8').trim() !== '',
    (there) => there,
  );
  const since = Date.now();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ signal: 'SIGINT' });
  // Far sooner than the ten minutes it sleeps, and than any limit of ours.
  expect(Date.now() - since).toBeLessThan(25_000);
  expect(left()).toEqual([]);
  const pid = Number(readFileSync(asked, 'utf8'));
  // Whoever takes it over may need a moment to see that it has ended.
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
});

it('from a terminal, whose Ctrl-C reaches every process of the group', async () => {
  const program = await replaying(makeProject(HANGS));
  const { child, ended, left } = program;
  await program.said('stderr', 'asked');
  for (const pid of [child.pid ?? 0, ...childrenOf(child.pid ?? 0)]) process.kill(pid, 'SIGINT');
  expect(await ended).toMatchObject({ signal: 'SIGINT' });
  expect(left()).toEqual([]);
});

it('killed outright: what it had to leave is cleared away by the next', async () => {
  const project = makeProject(HANGS);
  const killed = await replaying(project);
  await killed.said('stderr', 'asked');
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(killed.left().filter((name) => name.startsWith('loop-trust-'))).toHaveLength(1);
  const next = await replaying(project);
  await next.said('stderr', 'asked');
  next.child.kill('SIGINT');
  await next.ended;
  expect(next.left()).toEqual([]);
});

it('its files are for nobody else', async () => {
  const program = await replaying(makeProject(HANGS));
  const { child, ended, left, temporary } = program;
  await program.said('stderr', 'asked');
  const [trust = ''] = left().filter((name) => name.startsWith('loop-trust-'));
  const mode = (...path: readonly string[]): number => statSync(join(temporary, trust, ...path)).mode & 0o777;
  expect([mode(), mode('client-key.pem')]).toEqual([0o700, 0o600]);
  child.kill('SIGINT');
  await ended;
});

/** proc(5): the children of a process' first thread. */
function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
