import { expect, it } from 'vitest';
import { Bindings } from '../../../../replay-sandbox/match/bindings.ts';
import { CommandMatcher } from '../../../../replay-sandbox/match/redis/matcher.ts';
import { textOf } from '../../../../src/wire/redis/language/replies.ts';
import { asks, recorded, said } from '../../../support/redis-commands.ts';

const THEN = '0190b5a0-0000-7000-8000-000000000001';
const NOW = '0190b5a0-0000-7000-8000-000000000002';

it('what another peer bound finds its key, and stands in the reply, also where it is longer', () => {
  const bindings = new Bindings();
  bindings.bind([
    { where: 'body.id', recorded: THEN, asked: NOW, noise: true },
    {
      where: 'headers.idempotency-key',
      recorded: 'first-key-1',
      asked: 'another-first-key-2',
      noise: true,
      names: true,
    },
  ]);
  const answers = recorded([
    said(`GET order:${NOW.replace('2', '3')}`, '$1|x'),
    said(`GET order:${THEN}`, '$11|first-key-1'),
  ]);
  const redis = new CommandMatcher(answers, [], { peer: 'redis', now: () => 1000, bindings });
  const match = redis.match(asks(`GET order:${NOW}`), {});
  expect(match.kind === 'answer' && [match.grade, textOf(match.recorded.reply)]).toEqual([
    'normalised',
    'another-first-key-2',
  ]);
});
