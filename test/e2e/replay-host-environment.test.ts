// A recording is somebody else's. What is run outside the sandbox for a replay, compilers and package managers, gets none of its variables.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { loopctl } from '../support/cli.ts';
import { makeProject, SERVICE } from '../support/project.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const RECORDED = {
  GOCACHEPROG: 'touch recorded-1',
  CC: 'recorded-2',
  REGION: 'recorded-3',
  NOBODY_KNOWS: 'recorded-4',
};

it.each([
  ['go', 'go run .'],
  ['python3', 'python3 app.py'],
])('%s, which is asked before a debugger can come', async (program, command) => {
  const project = makeProject({
    'loop.yaml': `version: 1\nservices:\n  ${SERVICE}:\n    command: [${command.split(' ').join(', ')}]\n    port: 8080\n`,
    'app.py': '',
  });
  const bin = join(project.root, 'bin');
  mkdirSync(bin);
  const told = join(project.root, 'told');
  writeFileSync(join(bin, program), `#!/bin/sh\nenv >>${told}\nexit 1\n`, { mode: 0o755 });
  writeFileSync(join(bin, 'dlv'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const file = await writeRecording(project.root, {
    service: SERVICE,
    trigger: { path: '/orders', environment: RECORDED },
  });
  const { code } = await loopctl(['replay', file, '--break-on', 'throw'], {
    cwd: project.directory,
    data: project.data,
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, OWN: 'own' },
  });
  expect(code).not.toBe(0);
  expect(readFileSync(told, 'utf8')).toContain('OWN=own');
  expect(readFileSync(told, 'utf8')).not.toContain('recorded');
});
