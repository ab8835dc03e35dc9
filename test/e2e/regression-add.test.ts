/** A recording kept as a test of the project, in the frameworks of four languages. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loopctl, LOOPCTL, REPOSITORY } from '../support/cli.ts';
import type { TestProject } from '../support/project.ts';
import { BUGGY, MENDED, RECORDING } from '../support/priced-orders.ts';
import { makeProject, SERVICE } from '../support/project.ts';
import { goCompiler } from '../matrix/toolchains/go.ts';
import { pythonPath } from '../support/python-packages.ts';
import { recordingOf, writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

const PYTEST = { name: 'pytest-9.2.0', requirements: ['pytest==9.2.0'], module: 'pytest' };

beforeEach(skipWithoutNamespaces);

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

function withGo(): string {
  const compiler = goCompiler();
  const path = process.env['PATH'] ?? '';
  return compiler.includes('/') ? `${dirname(compiler)}:${path}` : path;
}

describe('test add', () => {
  it.each([
    ['vitest', ['npx', 'vitest', 'run', '--root', '.'], { 'package.json': '{"devDependencies":{"vitest":"*"}}' }],
    ['pytest', ['python3', '-m', 'pytest', '-q', 'tests/loops'], { 'pytest.ini': '[pytest]\n' }],
    ['go', ['go', 'test', './tests/loops/...'], { 'go.mod': 'module example.org/orders\n\ngo 1.20\n' }],
  ] as const)('%s fails with the bug, and passes once it is mended', async (_name, [program, ...words], files) => {
    const project = makeProject({ ...BUGGY, ...files });
    symlinkSync(join(REPOSITORY, 'node_modules'), join(project.directory, 'node_modules'));
    const file = await writeRecording(project.root, RECORDING);
    const options = { cwd: project.directory, data: project.data };
    const added = await loopctl(['test', 'add', file], options);
    expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('git add tests/loops/')]);
    for (const path of added.stdout.trim().split('\n')) expect(existsSync(join(project.directory, path))).toBe(true);
    // Never over what somebody may have edited.
    expect(await loopctl(['test', 'add', file], options)).toMatchObject({ code: 1, stdout: '' });
    const brought = { PATH: withGo(), PYTHONPATH: pythonPath(PYTEST) };
    const env = { ...process.env, ...brought, LOOPCTL: wrapper(project), LOOP_DATA: project.data };
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

  it('nothing that a person wrote is in the folder, neither in the title nor in the expectation', async () => {
    const project = makeProject(BUGGY);
    const file = await writeRecording(project.root, {
      ...RECORDING,
      trigger: { ...RECORDING.trigger, path: '/orders/of/ann@example.com' },
      companions: [
        recordingOf({
          service: SERVICE,
          number: 3,
          purpose: 'exemplar',
          trigger: {
            path: '/orders/of/ann@example.com',
            answer: { status: 200, body: '{"ann@example.com":{"total":1}}' },
          },
          calls: [],
        }),
      ],
    });
    const added = await loopctl(['test', 'add', file, '--runner', 'vitest'], {
      cwd: project.directory,
      data: project.data,
    });
    expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('1 good answers')]);
    const [, ...written] = added.stdout.trim().split('\n');
    const texts = written.map((path) => readFileSync(join(project.directory, path), 'utf8'));
    expect(texts[0]).toContain('"total"');
    expect(texts.join('\n')).not.toMatch(/ann|example\.com/);
  });

  it('junit: what is written is Java', async (context) => {
    if (spawnSync('javac', ['-version']).status !== 0) context.skip('there is no javac on this machine');
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
