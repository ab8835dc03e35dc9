import { expect, it } from 'vitest';
import { handlingOf, isRead } from '../../../../replay-sandbox/match/redis/synthesised.ts';
import { asks } from '../../../support/redis-commands.ts';

it.each([
  ['HELLO', 'session'],
  ['CLIENT SETINFO', 'session'],
  ['CLIENT ID', 'information'],
  ['CLUSTER SLOTS', 'information'],
  ['CONFIG GET', 'information'],
  ['CONFIG SET', 'data'],
  ['PUBLISH', 'data'],
  ['GET', 'data'],
  ['INFORM', 'data'],
])('%s is %s', (name, handling) => expect(handlingOf(name)).toBe(handling));

it('reads change nothing', () => {
  expect(['GET a', 'XREAD STREAMS a 0', 'SCAN 0', 'EVAL_RO x 0'].map((words) => isRead(asks(words)))).toEqual(
    Array(4).fill(true),
  );
  expect(
    ['SET a b', 'EVAL x 0', 'XREADGROUP GROUP g c STREAMS a >', 'JSON.GET a'].some((words) => isRead(asks(words))),
  ).toBe(false);
});
