import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { attemptCount, attemptLines } from '../../../cli/output/attempts.ts';
import type { AttemptView, ExchangeView } from '../../../src/seal/view-schema.ts';

const tried: readonly AttemptView[] = [
  {
    id: 'r.2',
    number: 1,
    startedAt: 0,
    endedAt: 3,
    address: '10.0.0.7:80',
    status: 503,
    headers: [{ name: 'x-why', value: 'no\u001b[31m' }],
  },
  { id: 'r.3', number: 2, startedAt: 5, endedAt: 405 },
  { id: 'r.4', number: 3, startedAt: 410, endedAt: 411, status: 200, grpcStatus: 14 },
  { id: 'r.5', number: 4, startedAt: 420, endedAt: 421, status: 200 },
];
const EXCHANGE: ExchangeView = {
  id: 'r.1',
  vantage: { service: 'orders', instance: 'orders-1', direction: 'outbound' },
  peer: { name: 'pricing' },
  protocol: 'http/1.1',
  method: 'GET',
  path: '/',
  flags: [],
  startedAt: 0,
  endedAt: 421,
  end: 'closed',
  gaps: [],
};
const plain = (lines: readonly string[]) => lines.map(stripVTControlCharacters);

it('each attempt has a line: what it was told, where, how long it took', () => {
  const lines = attemptLines({ ...EXCHANGE, attemptCount: 4, attempts: [...tried] }, false, (at) => `${at}: `);
  expect(plain(lines)).toEqual([
    '0: attempt 1: 503  10.0.0.7:80  3 ms',
    '5: attempt 2: no answer  400 ms',
    '410: attempt 3: 200 grpc 14 UNAVAILABLE  1 ms',
    '420: attempt 4: 200  1 ms',
  ]);
});

it('headers come along when they are asked for, and command no terminal', () => {
  const lines = attemptLines({ ...EXCHANGE, attempts: tried.slice(0, 1) }, true, () => '');
  expect(lines[1]).toMatch(/< x-why: no/);
  expect(lines.join('')).not.toContain('\u001b[31mn');
});

it('without them their number stands beside the call', () => {
  expect(plain([attemptCount({ ...EXCHANGE, attemptCount: 2 })])).toEqual(['  2 attempts']);
  expect(attemptCount({ ...EXCHANGE, attemptCount: 4, attempts: [...tried] })).toBe('');
  expect(attemptCount(EXCHANGE)).toBe('');
});
