import { expect, it } from 'vitest';
import { compareQuestions } from '../../../../replay-sandbox/match/redis/compare.ts';
import { describeDifference } from '../../../../replay-sandbox/match/difference.ts';
import { asks } from '../../../support/redis-commands.ts';

const window = { recordedAt: 0, now: 1000 };

function compared(recorded: string, asked: string): readonly string[] {
  return compareQuestions(asks(recorded), asks(asked), window).map(
    (found) => `${found.noise ? 'noise ' : ''}${describeDifference(found)}`,
  );
}

it('names what differs: keys, other arguments, leaves of JSON', () => {
  expect(compared('HSET h f 1', 'HSET h f 1')).toEqual([]);
  expect(compared('HSET h f 1', 'HSET g f 2')).toEqual([
    'key: recorded "h", asked "g"',
    'argument 3: recorded "1", asked "2"',
  ]);
  expect(compared('SET a {"n":1,"m":[2]}', 'SET a {"n":1,"m":[3]}')).toEqual([
    'argument 2.m[0]: recorded "2", asked "3"',
  ]);
  expect(compared('SET a {broken', 'SET a {other')).toEqual(['argument 2: recorded "{broken", asked "{other"']);
});

it('noise is noise in any part', () => {
  const [one, other] = ['1'.repeat(15) + 'a', '2'.repeat(15) + 'b'];
  expect(compared(`GET s:${one}:x`, `GET s:${other}:x`)).toEqual([`noise key: recorded "${one}", asked "${other}"`]);
  expect(compared(`GET s:${one}:x`, `GET s:${other}:y`)).toHaveLength(1);
});

it('that a password differs is said, not which it was or is', () => {
  expect(compared('CONFIG SET requirepass horse', 'CONFIG SET requirepass battery')).toEqual([
    'argument 3: recorded "(secret)", asked "(secret)"',
  ]);
  expect(compared('CONFIG SET maxmemory 0', 'CONFIG SET requirepass battery').join()).not.toContain('battery');
  expect(compared('CONFIG SET requirepass horse', 'CONFIG SET maxmemory 0').join()).not.toContain('horse');
});
