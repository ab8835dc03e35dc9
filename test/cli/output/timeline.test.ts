import { expect, it } from 'vitest';
import { timelineLines } from '../../../cli/output/timeline.ts';
import type { Capture, CaptureId } from '../../../src/domain/capture.ts';
import type { StreamId } from '../../../src/domain/ids.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import { loopSummary } from '../../support/transaction.ts';

const T = Date.UTC(2026, 10, 22, 12);
const capture: Capture = {
  id: 'cap-7h3k9qx2' as CaptureId,
  select: { user: '42', pairs: [{ place: { kind: 'header', name: 'x-tenant' }, value: '7' }] },
  reason: 'ticket 811',
  who: 'jo',
  startedAt: T + 5000,
  until: T + 605_000,
  endedAt: T + 9000,
  endedBy: 'count',
  maxBytes: 1000,
  maxTransactions: 2,
  lookBack: true,
  reachedBackTo: T,
  transactions: 2,
  failed: 1,
  notWhole: 1,
  bytes: 900,
  leftOut: 3,
  notes: [{ at: T + 6000, what: 'loopd was away until 12:00:07: nothing was recorded' }],
};

it('tells what the user did in order of time, and what is missing where it is missing', () => {
  const origin = {
    service: 'pricing',
    exchange: '00.1' as StreamId,
    kind: 'status',
    summary: '500 Internal Server Error',
  };
  const loops = [
    loopSummary(2, {
      purpose: 'failure',
      outcome: 'failed',
      origin,
      startedAt: T + 8000,
      method: 'POST',
      path: '/orders',
      status: 502,
      durationMs: 67.3,
      services: ['gateway', 'pricing'],
      holes: ['the answer is cut', 'more'],
    }),
    loopSummary(1, {
      purpose: 'capture',
      outcome: 'good',
      startedAt: T + 1000,
      method: 'GET',
      path: '/me\u001b[31m',
      status: 200,
      durationMs: 4,
      services: ['gateway'],
      holes: [],
    }),
  ];
  const failing = timelineLines(
    capture,
    loops.map((loop) => (loop.outcome === 'good' ? withoutOrigin(loop) : loop)),
  );
  expect(failing).toEqual(
    [
      'cap-7h3k9qx2  user 42, header:x-tenant=7  ended by count',
      'ticket 811 (jo)  2026-11-22T12:00:05 to 2026-11-22T12:10:05 UTC',
      '',
      'AT            REQUEST              STATUS  TOOK   SERVICES         WHAT                                                                              LOOP',
      '11:59:59.999  -- as far back as the recorder reached',
      '12:00:01.000  GET /me\\x1b[31m     200     4 ms   gateway                                                                                            000000000001',
      '12:00:05.000  -- the capture began',
      '12:00:06.000  -- loopd was away until 12:00:07: nothing was recorded',
      '12:00:08.000  POST /orders         502     67 ms  gateway pricing  failed at pricing: 500 Internal Server Error; not whole: the answer is cut, …  000000000002',
      '12:00:09.000  -- the capture ended: it had as many transactions as it may',
      '',
      'left out: 3 that show another user too. If one person has different ids in different places, name one place only in users.ids.',
      '2 transactions (1 failed, 1 not whole), 900 bytes.  One of them:  loopctl show 000000000002',
    ].map((line): unknown => expect.stringMatching(exactly(line))),
  );
});

it('of nothing says so', () => {
  const { endedAt: _, endedBy: __, reachedBackTo: ___, ...running } = capture;
  const lines = timelineLines({ ...running, notes: [], leftOut: 0, lookBack: false }, []);
  expect(lines[0]).toContain('running');
  expect(lines.slice(3)).toEqual([
    '12:00:05.000  -- the capture began, without a look back',
    '',
    'Nothing was taken so far.',
  ]);
});

function withoutOrigin(loop: LoopSummary): LoopSummary {
  return Object.fromEntries(Object.entries(loop).filter(([key]) => key !== 'origin')) as unknown as LoopSummary;
}

/** Columns may be wider. */
function exactly(line: string): RegExp {
  const escaped = line.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replace(/ {2,}/g, ' +')}$`);
}
