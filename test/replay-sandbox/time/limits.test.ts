import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clockLimits } from '../../../replay-sandbox/time/limits.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const env = { PATH: process.env['PATH'] ?? '' };

function limitsOf(command: readonly string[], workingDirectory = '/', debuggedAs?: 'as-told' | 'python' | 'node') {
  const always = clockLimits([]);
  return clockLimits([{ command, workingDirectory, env, debuggedAs }]).slice(always.length);
}

it('of programs that ask libc there is nothing to say', () => {
  expect(clockLimits([])).toHaveLength(2);
  expect(limitsOf([process.execPath, 'server.js'])).toEqual([]);
  expect(limitsOf(['nobody-has-this'])).toEqual([]);
});

it.each([[['sh', '-c', './orders']], [['env', 'A=b', 'bash', 'start.sh']]])(
  '%s: what it starts was not looked at',
  (command) => {
    expect(limitsOf(command)).toMatchObject([expect.stringMatching(/starts was not looked at/)]);
  },
);

it('neither what a script of a shell starts', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'start'), '#!/bin/sh\nexec ./orders\n', { mode: 0o755 });
  expect(limitsOf(['./start'], directory)).toEqual([expect.stringMatching(/^What start starts was not looked at/)]);
});

it('programs that are linked statically, or take rights, keep the real time', () => {
  const directory = temporaryDirectory();
  const source = join(directory, 'main.c');
  writeFileSync(source, 'int main(void) { return 0; }');
  const made = spawnSync('gcc', ['-static', '-o', join(directory, 'static'), source]);
  expect(made.status).toBe(0);
  expect(limitsOf(['./static'], directory)).toEqual(['static is linked statically: it keeps the real time.']);
  copyFileSync('/bin/true', join(directory, 'rights'));
  chmodSync(join(directory, 'rights'), 0o4755);
  expect(limitsOf(['./rights'], directory)).toEqual(['rights is set-user-id: it keeps the real time.']);
});

it('Python that is debugged waits by the clock that goes on', () => {
  const said = [expect.stringMatching(/^Python waits/)];
  expect(limitsOf(['python3', 'app.py'], '/', 'as-told')).toEqual(said);
  expect(limitsOf(['nobody-has-this'], '/', 'python')).toEqual(said);
  expect(limitsOf(['python3', 'app.py'])).toEqual([]);
  expect(limitsOf(['node', 'app.js'], '/', 'as-told')).toEqual([]);
});

it('says each once', () => {
  const one = { command: ['sh', 'a.sh'], workingDirectory: '/', env };
  expect(clockLimits([one, one])).toHaveLength(3);
});
