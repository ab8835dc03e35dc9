import { expect, it } from 'vitest';
import { Bindings } from '../../../replay-sandbox/match/bindings.ts';
import type { AnswerSource } from '../../../replay-sandbox/match/call.ts';
import { Candidates } from '../../../replay-sandbox/match/candidates.ts';
import { choose, Lineup } from '../../../replay-sandbox/match/choose.ts';
import { stream } from '../../support/transaction.ts';

/** What three askings of one thing get of these. */
function thrice(read: boolean, ...sources: readonly AnswerSource[]): readonly (AnswerSource | undefined)[] {
  const candidates = new Candidates();
  for (const source of sources) candidates.add({ source, conversation: stream(1) }, 'get 1', 'get k');
  const ask = () => {
    const lineup = new Lineup({ candidates, shape: 'get 1', text: 'get k', compare: () => [] });
    const chosen = choose(lineup, { follower: {}, read, bindings: new Bindings() });
    if (chosen !== undefined) chosen.candidate.served += 1;
    return chosen?.candidate.recorded.source;
  };
  return [ask(), ask(), ask()];
}

it('a read gets its own last answer again before another’s', () => {
  expect(thrice(true, 'exemplar', 'ambient', 'loop')).toEqual(['loop', 'loop', 'loop']);
  expect(thrice(true, 'exemplar', 'loop', 'candidate')).toEqual(['loop', 'candidate', 'loop']);
  expect(thrice(true, 'exemplar')).toEqual(['exemplar', 'exemplar', 'exemplar']);
});

it('a write is answered as often as it was recorded, and by nobody else’s', () => {
  expect(thrice(false, 'exemplar', 'ambient', 'loop')).toEqual(['loop', undefined, undefined]);
  expect(thrice(false, 'exemplar', 'elsewhere')).toEqual([undefined, undefined, undefined]);
  expect(thrice(false, 'ambient')).toEqual(['ambient', undefined, undefined]);
});
