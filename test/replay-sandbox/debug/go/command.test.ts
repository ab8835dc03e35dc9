import { expect, it } from 'vitest';
import { goCommand } from '../../../../replay-sandbox/debug/go/command.ts';

it.each([
  ['go run .', ['.'], []],
  ['go run -tags dev -race ./cmd/orders --port 1', ['-tags', 'dev', '-race', './cmd/orders'], ['--port', '1']],
  ['go run main.go other.go x', ['main.go', 'other.go'], ['x']],
])('%s: what is built, and the program’s own words', (line, build, words) => {
  expect(goCommand(line.split(' '))).toMatchObject({ kind: 'run', go: 'go', build, words });
});

it('a program is taken as it is', () => {
  expect(goCommand(['env', 'A=b', './orders', 'x'])).toEqual({
    kind: 'program',
    before: ['env', 'A=b'],
    program: './orders',
    words: ['x'],
  });
});
