import { expect, it } from 'vitest';
import { flagOf, goRun } from '../../../../replay-sandbox/launch/runtime/go-run.ts';

it.each([
  ['go run .', [], ['.'], []],
  ['env A=b /usr/local/go/bin/go run ./cmd/orders x.go', [], ['./cmd/orders'], ['x.go']],
  ['go run -tags dev -race main.go other.go x', [['-tags', 'dev'], ['-race']], ['main.go', 'other.go'], ['x']],
  ['go run --tags dev -ldflags=-s . -tags x', [['--tags', 'dev'], ['-ldflags=-s']], ['.'], ['-tags', 'x']],
  ['go run', [], [], []],
])('%s', (line, flags, packages, words) => {
  expect(goRun(line.split(' '))).toMatchObject({ flags, packages, words });
});

it('a value may have spaces, and look like a flag', () => {
  const flags = [['-ldflags', '-s -w'], ['-v']];
  expect(goRun(['go', 'run', '-ldflags', '-s -w', '-v', '.'])).toMatchObject({ flags, packages: ['.'] });
});

it.each(['go test .', './orders run', 'node run'])('%s is another command', (line) => {
  expect(goRun(line.split(' '))).toBeUndefined();
});

it('a flag and its value, wherever that stands', () => {
  const flags = [['-exec', 'sudo -E'], ['--exec=sudo -E'], ['-race']];
  expect(flags.map(flagOf)).toEqual([
    ['exec', 'sudo -E'],
    ['exec', 'sudo -E'],
    ['race', undefined],
  ]);
});
