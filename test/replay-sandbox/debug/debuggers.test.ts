import { expect, it } from 'vitest';
import { debuggerOf } from '../../../replay-sandbox/debug/debuggers.ts';

it.each(['node server.js', '/usr/bin/node --enable-source-maps a.js', 'nodejs a.js'])(
  '%s is debugged as Node',
  (line) => {
    expect(debuggerOf(line.split(' '), undefined).runtime).toBe('node');
  },
);

it('a command that does not tell is refused, with what to type', () => {
  expect(() => debuggerOf(['./start.sh'], undefined)).toThrow(/does not tell what the service is written in/);
  expect(debuggerOf(['./start.sh'], 'node').runtime).toBe('node');
});
