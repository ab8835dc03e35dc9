import { expect, it } from 'vitest';
import type { DebuggedService } from '../../../replay-sandbox/debug/debugger.ts';
import { debuggerOf } from '../../../replay-sandbox/debug/debuggers.ts';

const service = (line: string): DebuggedService => ({
  command: line.split(' '),
  workingDirectory: '/',
  projectDirectory: '/',
  env: {},
});

it.each([
  ['node server.js', 'node'],
  ['/usr/bin/node --enable-source-maps a.js', 'node'],
  ['npm start', 'node'],
  ['python3.12 app.py', 'python'],
  ['uv run gunicorn app:app', 'python'],
])('%s is debugged as %s', async (line, runtime) => {
  const known = debuggerOf(service(line), undefined);
  expect(known.runtime).toBe(runtime);
  expect((await known.load()).runtime).toBe(runtime);
});

it('a command that does not tell is refused, with what to type', () => {
  expect(() => debuggerOf(service('./start.sh'), undefined)).toThrow(/does not tell what the service is written in/);
  expect(debuggerOf(service('./start.sh'), 'node').runtime).toBe('node');
});
