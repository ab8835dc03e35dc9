import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { comparisonLines } from '../../../cli/output/comparison.ts';
import type { Comparison } from '../../../src/api/contract/results.ts';
import { loopSummary } from '../../support/transaction.ts';

const comparison: Comparison = {
  left: loopSummary(1, { versions: ['pricing@1.2.0'] }),
  right: loopSummary(2, { outcome: 'good', status: 200 }),
  pairs: [
    {
      what: 'exchange',
      hop: 'gateway → pricing: GET /prices/*',
      left: 'a',
      right: 'b',
      verdict: 'differs',
      differences: [
        { path: 'status', left: '500', right: '200', kind: 'value' },
        { path: 'response.headers.x', right: 'tab\u001b[31m', kind: 'missing-left' },
        { path: 'request.headers.x-request-id', left: '1', right: '2', kind: 'noise' },
      ],
      more: 4,
    },
    { what: 'command', hop: 'pricing → database: SELECT 1', left: 'c', verdict: 'only-left', differences: [] },
    { what: 'exchange', hop: '→ gateway: GET /', left: 'd', right: 'e', verdict: 'same', differences: [] },
  ],
  notes: ['1 bodies are cut in their view: what follows was not compared.'],
};

const plain = (noise: boolean) => comparisonLines(comparison, { noise }).map(stripVTControlCharacters);

it('tells what differs, what only one has, and how much is the same, without commanding the terminal', () => {
  expect(plain(false)).toEqual([
    'left   000000000001  POST /checkout  502 (failed)  2026-01-02 03:04:05  pricing@1.2.0',
    'right  000000000002  POST /checkout  200 (good)  2026-01-02 03:04:05',
    '',
    '~ gateway → pricing: GET /prices/*',
    '    status  500 → 200',
    '    response.headers.x  nothing → tab\\x1b[31m',
    '    and 4 more differences',
    '- pricing → database: SELECT 1  (only left)',
    '',
    '1 of 3 steps are the same; --noise shows what is made anew in them.',
    '1 bodies are cut in their view: what follows was not compared.',
  ]);
});

it('tells noise when it is asked for', () => {
  expect(plain(true)).toContain('    request.headers.x-request-id  1 → 2  (noise)');
});
