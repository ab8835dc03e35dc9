import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import { statusOf } from '../../../src/domain/exchange.ts';
import type { Segment } from '../../../src/domain/segment.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { exchangeSegments } from '../../support/recording.ts';
import { RECORDER, stream, transactionKey } from '../../support/transaction.ts';

const source = (segments: readonly Segment[]) => ({ recorder: RECORDER, records: encodeSegments(segments) });
const trace = (span: string) => ({ traceparent: `00-${'a'.repeat(32)}-${span.padStart(16, '0')}-01` });

const GATEWAY = exchangeSegments(1, 'gateway', 'inbound', {
  path: '/buy',
  headers: trace('1'),
  answer: { status: 502 },
});
const CALL = exchangeSegments(2, 'gateway', 'outbound', {
  path: '/price',
  authority: 'pricing',
  headers: trace('2'),
  answer: { status: 500 },
  at: 1,
});
const PRICING = exchangeSegments(3, 'pricing', 'inbound', {
  path: '/price',
  headers: trace('2'),
  answer: { status: 500 },
  at: 2,
});

describe('records', () => {
  it('become the tree they are of', () => {
    const { entry, exchanges, links, holes } = assemble(transactionKey(), [source([...PRICING, ...CALL, ...GATEWAY])]);
    expect(exchanges.map((one) => [one.id, one.vantage.service, statusOf(one)])).toEqual([
      [stream(1), 'gateway', 502],
      [stream(2), 'gateway', 500],
      [stream(3), 'pricing', 500],
    ]);
    expect(entry).toBe(stream(1));
    expect(links.map(({ parent, child }) => [parent, child])).toEqual(
      expect.arrayContaining([
        [stream(1), stream(2)],
        [stream(2), stream(3)],
      ]),
    );
    expect(holes).toEqual([]);
  });

  it('in parts, in any order, with repeats, become the same', () => {
    const whole = assemble(transactionKey(), [source([...GATEWAY, ...CALL, ...PRICING])]);
    const parts = [
      source(PRICING),
      source([...CALL, ...GATEWAY.slice(1)]),
      source([...GATEWAY, ...PRICING.slice(0, 2)]),
    ];
    expect(assemble(transactionKey(), parts)).toEqual(whole);
    expect(assemble(transactionKey(), parts.toReversed())).toEqual(whole);
  });
});

describe('what is missing becomes a hole, never an error', () => {
  it.each<[string, readonly Segment[], RegExp]>([
    ['the beginning of a stream', GATEWAY.slice(1), /beginning is missing/],
    [
      'a piece',
      [...GATEWAY.slice(0, 2), ...GATEWAY.slice(3)],
      /inbound GET \/buy at gateway: 1 recorded pieces are missing/,
    ],
    ['its end', GATEWAY.slice(0, 2), /inbound GET \/buy at gateway: was still going on when it was kept/],
  ])('%s', (_what, segments, said) => {
    expect(assemble(transactionKey(), [source(segments)]).holes.map(({ what }) => what)).toEqual([
      expect.stringMatching(said),
    ]);
  });

  it('bytes that are no record', () => {
    const records = encodeSegments(GATEWAY);
    const { holes, exchanges } = assemble(transactionKey(), [
      source(GATEWAY),
      { recorder: RECORDER, records: records.subarray(0, records.length - 9) },
    ]);
    expect(exchanges).toHaveLength(1);
    expect(holes.map(({ what }) => what)).toEqual(['1 parts hold bytes that are no record']);
  });

  it('everything', () => {
    expect(assemble(transactionKey(), [])).toEqual({
      kind: 'transaction',
      key: transactionKey(),
      exchanges: [],
      links: [],
      conversations: [],
      commands: [],
      holes: [],
    });
  });
});
