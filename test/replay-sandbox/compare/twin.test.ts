import { expect, it } from 'vitest';
import { disagreement, regraded, twinNoise, withoutTwins } from '../../../replay-sandbox/compare/twin.ts';
import type { ReplayedCall } from '../../../replay-sandbox/match/call.ts';

const call = (lot: string, cents = '5'): ReplayedCall => ({
  protocol: 'http',
  peer: 'draw:80',
  summary: 'POST /',
  grade: 'drifted',
  exchange: 'x.1',
  ms: 1,
  matters: true,
  explanation: [`body.lot: recorded "1", asked "${lot}"`],
  found: [
    { where: 'body.lot', recorded: '1', asked: lot, noise: false },
    ...(cents === '5' ? [] : [{ where: 'body.cents', recorded: '5', asked: cents, noise: false }]),
  ],
});
const answer = (lot: number) => ({
  status: 200,
  headers: [{ name: 'content-type', value: 'application/json' }],
  body: Buffer.from(JSON.stringify({ lot, cents: 5 })),
});
const run = (lot: number, cents?: string) => ({ calls: [call(String(lot), cents)], answer: answer(lot) });

it('what differs between two equal runs is noise, in questions and in the answer', () => {
  const noise = twinNoise(run(2), run(3));
  expect(regraded(call('3'), noise)).toMatchObject({
    grade: 'normalised',
    explanation: ['body.lot: differs between two equal runs'],
  });
  const diff = ['body.lot', 'body.cents'].map((where) => ({ where, recorded: '1', asked: '3', noise: false }));
  expect(withoutTwins(diff, noise).map(({ where }) => where)).toEqual(['body.cents']);
});

it('how it ended is no noise, and neither is what only one of them has: that is said', () => {
  const failed = { calls: [], answer: { ...answer(1), status: 500 } };
  const noise = twinNoise(failed, { calls: [], answer: answer(2) });
  const diff = ['status', 'body.lot'].map((where) => ({ where, recorded: '1', asked: '3', noise: false }));
  expect(withoutTwins(diff, noise)).toEqual(diff);
  expect(disagreement(noise)).toBe('two equal runs disagree: status was 500, then 200; it is taken for no noise');
  const less = { ...answer(3), body: Buffer.from('{"lot":3}') };
  const lacking = twinNoise(run(2), { calls: [], answer: less });
  expect([...lacking.answer]).toEqual(['body.lot']);
  expect(disagreement(lacking)).toContain('body.cents was 5, then nothing');
  expect(disagreement(twinNoise(run(2), run(3)))).toBeUndefined();
});

it('what both runs have alike is none', () => {
  const noise = twinNoise(run(2, '6'), run(3, '6'));
  expect(regraded(call('3', '6'), noise).grade).toBe('drifted');
  const same = twinNoise(run(2), run(2));
  expect(regraded(call('2'), same)).toEqual(call('2'));
});
