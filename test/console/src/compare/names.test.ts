import { expect, test } from 'vitest';
import { countsOf, shownPairs } from '../../../../console/src/compare/names.ts';
import type { ComparedPair } from '../../../../src/api/contract/results.ts';

const PAIRS: readonly ComparedPair[] = [
  {
    what: 'exchange',
    hop: '→ orders: POST /orders',
    left: 'a.1',
    right: 'b.1',
    verdict: 'differs',
    differences: [
      { path: 'status', left: '502', right: '201', kind: 'value' },
      { path: 'response.headers.date', left: 'a', right: 'b', kind: 'noise' },
      { path: 'request.headers.authorization', kind: 'hidden' },
    ],
  },
  {
    what: 'exchange',
    hop: '→ pricing',
    left: 'a.2',
    right: 'b.2',
    verdict: 'same',
    differences: [{ path: 'durationMs', kind: 'noise' }],
  },
  { what: 'command', hop: 'pricing → postgres', left: 'c.1/1', verdict: 'only-left', differences: [] },
];

test('noise is hidden until it is asked for', () => {
  const shown = shownPairs({ pairs: PAIRS }, { noise: false });
  expect(shown.map(({ pair, differences }) => [pair.hop, differences.map(({ path }) => path)])).toEqual([
    ['→ orders: POST /orders', ['status']],
    ['pricing → postgres', []],
  ]);
  expect(shownPairs({ pairs: PAIRS }, { noise: true }).map(({ differences }) => differences.length)).toEqual([3, 1, 0]);
});

test('the counts in a line', () => {
  expect(countsOf({ pairs: PAIRS })).toBe('1 differ, 1 only left, 1 same');
});
