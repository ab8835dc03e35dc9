import { expect, test } from 'vitest';
import { replayCommand } from '../../../../../console/src/loop/copy/replay.ts';

test.each([
  ['http://127.0.0.1:5679', 'loopctl replay 3f9k7c2m8q4t -- '],
  ['http://localhost:5679', 'loopctl replay 3f9k7c2m8q4t -- '],
  ['http://[::1]:5679', 'loopctl replay 3f9k7c2m8q4t -- '],
  ['https://loop.example.com', 'loopctl --url https://loop.example.com replay 3f9k7c2m8q4t -- '],
])('from the page at %s', (origin, command) => {
  expect(replayCommand('3f9k7c2m8q4t', origin)).toBe(command);
});
