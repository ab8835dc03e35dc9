import { describe, expect, it } from 'vitest';
import type { ProgramFiles } from '../../../../replay-sandbox/launch/runtime/files.ts';
import { realFiles } from '../../../../replay-sandbox/launch/runtime/files.ts';
import { runtimeOf } from '../../../../replay-sandbox/launch/runtime/runtime.ts';

const WHERE = { workingDirectory: '/work', env: { PATH: '/bin' } };

/** A machine that has these programs. */
function machine(programs: Readonly<Record<string, Uint8Array | string>>): ProgramFiles {
  return {
    find: (program) => (Object.hasOwn(programs, program) ? program : undefined),
    read: (path, offset, bytes) => Buffer.from(programs[path] ?? '').subarray(offset, offset + bytes),
  };
}

const told = (line: string, programs = {}) => runtimeOf(line.split(' '), WHERE, machine(programs));

describe('by its words', () => {
  it.each([
    ['node server.js', 'node'],
    ['npm run dev', 'node'],
    ['npx tsx server.ts', 'node'],
    ['/usr/bin/python3.12 -u app.py', 'python'],
    ['env DEBUG=1 -u X python app.py', 'python'],
    ['uv run --with httpx app.py', 'python'],
    ['uv run -m app', 'python'],
    ['poetry run gunicorn app:app', 'python'],
    ['nohup pipenv run flask run', 'python'],
    ['go run .', 'go'],
    ['dlv debug', 'go'],
    ['java -jar a.jar', 'java'],
    ['./gradlew bootRun', 'java'],
    ['go build', undefined],
    ['bundle exec puma', undefined],
  ])('%s: %s', (line, runtime) => expect(told(line)).toBe(runtime));
});

describe('by its file', () => {
  it.each([
    ['#!/usr/bin/env node\n', 'node'],
    ['#!/usr/bin/env -S node --no-warnings\n', 'node'],
    ['#!/venv/bin/python3.11\n', 'python'],
    [`#!/bin/sh\n'''exec' "/a long/venv/bin/python" "$0" "$@"\n`, 'python'],
    ['#!/bin/bash\n', undefined],
    ['nothing', undefined],
    ['', undefined],
  ])('%j: %s', (text, runtime) => expect(told('./serve', { './serve': text })).toBe(runtime));

  it('a program of this machine is native; what is no whole program tells nothing', () => {
    expect(runtimeOf(['sh'], { workingDirectory: '/', env: { PATH: '/bin:/usr/bin' } }, realFiles)).toBe('native');
    expect(told('./a', { './a': '\x7fELF' })).toBeUndefined();
  });
});
