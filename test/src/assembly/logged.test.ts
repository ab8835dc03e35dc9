import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import type { Segment } from '../../../src/domain/segment.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { logEntry } from '../../support/access-log.ts';
import type { EntryOptions } from '../../support/access-log.ts';
import { exchangeSegments } from '../../support/recording.ts';
import { RECORDER, T0, transactionKey } from '../../support/transaction.ts';

/** The exchange of these segments, with an entry behind them that came at `at` ms. */
function logged(segments: readonly Segment[], at: number, entry: EntryOptions | Uint8Array) {
  const payload = entry instanceof Uint8Array ? entry : logEntry({ startMicros: T0 * 1000, ...entry });
  const last = segments.at(-1);
  if (last === undefined) throw new Error('no segments');
  const log: Segment = { ...last, kind: 'log', sequence: last.sequence + 1, at: T0 + at, payload };
  const transaction = assemble(transactionKey(), [{ recorder: RECORDER, records: encodeSegments([...segments, log]) }]);
  return { exchange: transaction.exchanges[0], holes: transaction.holes.map(({ what }) => what) };
}

const whole = exchangeSegments(1, 'shop', 'inbound', { answer: { status: 200, body: 'all' } });
const cut = exchangeSegments(1, 'shop', 'inbound', { answer: { status: 200, body: 'half', whole: false } });
const silent = exchangeSegments(1, 'shop', 'inbound', { answer: 'none' });
const alone = whole.slice(0, 1);

describe('an entry of the access log', () => {
  it('has the last word on flags, details and attempts, and none on the rest', () => {
    const { exchange, holes } = logged(whole, 100, {
      code: 418,
      flags: ['upstreamRetryLimitExceeded'],
      details: 'final',
      attempts: 3,
    });
    expect(exchange).toMatchObject({
      flags: ['URX'],
      details: 'final',
      logged: true,
      attributes: { 'upstream.request_attempt_count': '3' },
      response: { headers: expect.arrayContaining([{ name: ':status', value: '200' }]), complete: true },
    });
    expect(holes).toEqual([]);
  });

  it('tells when an exchange was over that broke off; a whole one ended with its last byte', () => {
    const lasted = (segments: readonly Segment[]) =>
      (logged(segments, 900, { code: 200, durationMs: 700 }).exchange?.endedAt ?? 0) - T0;
    expect(lasted(cut)).toBe(700);
    expect(lasted(silent)).toBe(700);
    expect(lasted(whole)).toBe(3);
  });

  it('stands for an answer that was not seen', () => {
    const { exchange, holes } = logged(silent, 900, { code: 504, responseHeaders: { 'content-type': 'text/plain' } });
    expect(exchange?.response).toMatchObject({ body: [], complete: false });
    expect(exchange?.response?.headers).toEqual([
      { name: ':status', value: '504' },
      { name: 'content-type', value: 'text/plain' },
    ]);
    expect(holes).toEqual(['inbound GET / at shop: the answer is told by the access log alone']);
  });

  it('stands for a whole exchange, on the clock of the recorder', () => {
    const times = (at: number, startMicros: number) => {
      const { exchange } = logged(alone, at, { code: 200, durationMs: 100, startMicros });
      return [exchange?.startedAt, exchange?.endedAt].map((time) => (time ?? 0) - T0);
    };
    expect(times(300, T0 * 1000)).toEqual([0, 100]);
    // Its own clock is ahead, or far behind.
    expect(times(300, (T0 + 5_000) * 1000)).toEqual([200, 300]);
    expect(times(300, (T0 - 3_600_000) * 1000)).toEqual([200, 300]);
    expect(logged(alone, 300, { path: '/x', code: 200 }).holes).toEqual([
      'inbound GET /x at shop: recorded by the access log alone',
    ]);
  });

  it('that cannot be read changes nothing', () => {
    const { exchange, holes } = logged(whole, 100, Uint8Array.of(0x0a, 0xff));
    expect(exchange).toMatchObject({ flags: [], end: 'closed' });
    expect(exchange).not.toHaveProperty('logged');
    expect(holes).toEqual([]);
  });
});
