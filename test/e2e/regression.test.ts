/** What comes after the bug is found, on recordings that are made without Envoy. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { VERIFY_REPORT } from '../../replay-sandbox/verify/report.ts';
import { loopctl, LOOPCTL, REPOSITORY, start } from '../support/cli.ts';
import type { TestProject } from '../support/project.ts';
import { makeProject, nodeService, SERVICE } from '../support/project.ts';
import { recordingOf, writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const PRICE = { authority: 'pricing:8080', path: '/prices/7', answer: { status: 200, body: '{"price":null}' } };
const GOOD = recordingOf({
  service: SERVICE,
  number: 2,
  purpose: 'exemplar',
  trigger: { path: '/orders/1', answer: { status: 200, body: '{"id":1,"total":12}' } },
  calls: [{ ...PRICE, path: '/prices/1', answer: { status: 200, body: '{"price":12}' } }],
});
const RECORDING = {
  service: SERVICE,
  trigger: { path: '/orders/7', answer: { status: 500, body: '{"error":"TypeError"}' } },
  calls: [PRICE],
  companions: [GOOD],
};
const BODY = (total: string) => `
    const id = Number(request.url.split('/').at(-1));
    const { price } = await (await fetch('http://pricing:8080/prices/' + id)).json();
    answer(200, { id, total: ${total} });`;
const BUGGY = nodeService(BODY('price.valueOf()'));
const MENDED = nodeService(BODY('price ?? 0'));
const HIDING = nodeService(BODY('undefined'));

async function verify(project: TestProject, words: readonly string[] = []) {
  const file = await writeRecording(project.root, RECORDING);
  const ended = await loopctl(['verify', file, '-o', 'json', ...words], { cwd: project.directory, data: project.data });
  if (ended.stdout === '') throw new Error(ended.stderr);
  return { code: ended.code, report: VERIFY_REPORT.parse(JSON.parse(ended.stdout)) };
}

describe('verify', () => {
  it.each([
    ['the bug', BUGGY, 5, 'still-fails', expect.anything()],
    ['the bug mended', MENDED, 0, 'gone', []],
    ['the bug hidden', HIDING, 5, 'hidden', [{ path: 'body.total', expected: 'number', got: 'nothing' }]],
  ])('%s', async (_name, files, code, verdict, broken) => {
    const told = await verify(makeProject(files));
    expect([told.code, told.report.verdict, told.report.judgedBy]).toEqual([code, verdict, 'exemplars']);
    expect(told.report.broken).toEqual(broken);
  });

  it('is told what is right', async () => {
    const { code, report } = await verify(makeProject(MENDED), ['--expect', '{"status":200,"body":{"total":1200}}']);
    expect(code).toBe(5);
    expect(report.broken).toEqual([{ path: 'body.total', expected: '1200', got: '0' }]);
  });

  it('cannot tell when a call had no recorded answer', async () => {
    const project = makeProject(
      nodeService(`await fetch('http://pricing:8080/taxes'); answer(200, { id: 7, total: 0 });`),
    );
    const { code, report } = await verify(project);
    expect([code, report.verdict, report.missing]).toEqual([6, 'cannot-tell', ['GET /taxes at pricing:8080']]);
  });

  it('looks at the neighbourhood: slow, failing, reset, and asked twice', async () => {
    const { code, report } = await verify(makeProject(MENDED), ['--neighbourhood', '--slow', '0.3', '--timeout', '5']);
    expect(code).toBe(0);
    expect(report.neighbourhood?.map(({ change, outcome, status }) => [change, outcome, status])).toEqual([
      ['duplicated', 'answered', 200],
      ['slow', 'answered', 200],
      ['failed', 'answered', 500],
      ['reset', 'answered', 500],
    ]);
  });

  it('--watch runs again at a save, and ends with Ctrl-C', async () => {
    const project = makeProject(BUGGY);
    const file = await writeRecording(project.root, RECORDING);
    const watching = start(LOOPCTL, ['verify', file, '--watch', '--quiet'], {
      cwd: project.directory,
      data: project.data,
    });
    await watching.said('stdout', /still fails.*\(start\)\n/);
    for (const [name, text] of Object.entries(MENDED)) writeFileSync(join(project.directory, name), text);
    await watching.said('stdout', /the failure is gone.*\(server\.mjs\)\n/);
    watching.child.kill('SIGINT');
    expect((await watching.ended).code).toBe(0);
  });
});

describe('edit', () => {
  it('answers with another value, beside the original, and leaves the loop as it is', async () => {
    const project = makeProject(BUGGY);
    const file = await writeRecording(project.root, RECORDING);
    const before = readFileSync(file);
    const run = (words: readonly string[]) =>
      loopctl(['edit', file, ...words], { cwd: project.directory, data: project.data });
    expect((await run(['--list'])).stdout).toMatch(/^1 +http pricing:8080 GET \/prices\/7 +200$/m);
    const { stdout, stderr, code } = await run([
      '--quiet',
      '--set',
      'pricing GET /prices/7 body.price=3',
      '--delay',
      '1=100ms',
    ]);
    expect([code, stderr.includes('changes 1: http pricing:8080 GET /prices/7')]).toEqual([0, true]);
    expect(stdout).toContain('original  500 {"error":"TypeError"}');
    expect(stdout).toContain('what if   200 {"id":7,"total":3}');
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

/** A program of this name, as it would be on the PATH. */
function wrapper(project: TestProject): string {
  const path = join(project.root, 'loopctl');
  writeFileSync(
    path,
    `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${LOOPCTL}' "$@"\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

describe('test add', () => {
  const hasGo = spawnSync('go', ['version']).status === 0;

  it.each([
    ['vitest', ['npx', 'vitest', 'run', '--root', '.'], { 'package.json': '{"devDependencies":{"vitest":"*"}}' }],
    ['pytest', ['python3', '-m', 'pytest', '-q', 'tests/loops'], { 'pytest.ini': '[pytest]\n' }],
    ['go', ['go', 'test', './tests/loops/...'], { 'go.mod': 'module example.org/orders\n\ngo 1.20\n' }],
  ] as const)('%s fails with the bug, and passes once it is mended', async (name, [program, ...words], files) => {
    if (name === 'go' && !hasGo) return;
    const project = makeProject({ ...BUGGY, ...files });
    symlinkSync(join(REPOSITORY, 'node_modules'), join(project.directory, 'node_modules'));
    const file = await writeRecording(project.root, RECORDING);
    const options = { cwd: project.directory, data: project.data };
    const added = await loopctl(['test', 'add', file], options);
    expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('git add tests/loops/')]);
    for (const path of added.stdout.trim().split('\n')) expect(existsSync(join(project.directory, path))).toBe(true);
    // Never over what somebody may have edited.
    expect(await loopctl(['test', 'add', file], options)).toMatchObject({ code: 1, stdout: '' });
    const env = { ...process.env, LOOPCTL: wrapper(project), LOOP_DATA: project.data };
    const run = () => spawnSync(program, words, { cwd: project.directory, env, encoding: 'utf8' });
    const failing = run();
    expect([failing.status === 0, failing.stdout + failing.stderr]).toEqual([
      false,
      expect.stringContaining('still fails'),
    ]);
    for (const [path, text] of Object.entries(MENDED)) writeFileSync(join(project.directory, path), text);
    const passing = run();
    expect([passing.status, passing.status === 0 ? '' : passing.stdout + passing.stderr]).toEqual([0, '']);
  });

  it('junit: what is written is Java', async () => {
    if (spawnSync('javac', ['-version']).status !== 0) return;
    const project = makeProject(BUGGY);
    const file = await writeRecording(project.root, RECORDING);
    const { stdout } = await loopctl(['test', 'add', file, '--runner', 'junit'], {
      cwd: project.directory,
      data: project.data,
    });
    const test = join(project.directory, stdout.trim().split('\n').at(-1) ?? '');
    // Stands in for JUnit, which is no dependency of this repository.
    const api = {
      'org/junit/jupiter/api/Test.java': 'package org.junit.jupiter.api; public @interface Test {}',
      'org/junit/jupiter/api/Assertions.java':
        'package org.junit.jupiter.api; public class Assertions { public static void assertEquals(int a, int b, String s) {} }',
    };
    const sources = Object.entries(api).map(([name, text]) => {
      const path = join(project.root, name.split('/').at(-1) ?? '');
      writeFileSync(path, text);
      return path;
    });
    const compiled = spawnSync('javac', ['-d', join(project.root, 'classes'), ...sources, test]);
    expect([compiled.status, String(compiled.stderr)]).toEqual([0, '']);
  });
});
