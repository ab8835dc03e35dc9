import { expect, it } from 'vitest';
import { pythonCommand } from '../../../../replay-sandbox/debug/python/command.ts';

const FILES = {
  find: (program: string) => (program === 'gunicorn' ? '/venv/bin/gunicorn' : undefined),
  read: () => Buffer.from('#!/venv/bin/python3\n'),
};

it.each([
  ['python3 -u -X dev app.py -v', ['python3'], ['-u', '-X', 'dev'], ['app.py', '-v']],
  ['python -m app', ['python'], [], ['-m', 'app']],
  ['gunicorn app:app', ['/venv/bin/python3'], [], ['/venv/bin/gunicorn', 'app:app']],
  ['uv run uvicorn app:app', ['uv', 'run', 'python'], [], ['-m', 'uvicorn', 'app:app']],
])('%s', (line, interpreter, options, program) => {
  const service = { command: line.split(' '), workingDirectory: '/', projectDirectory: '/', env: {} };
  expect(pythonCommand(service, FILES)).toEqual({ interpreter, options, program });
});
