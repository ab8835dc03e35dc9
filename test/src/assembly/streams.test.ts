import { describe, expect, it } from 'vitest';
import { groupStreams } from '../../../src/assembly/streams.ts';
import type { Segment, SegmentKind } from '../../../src/domain/segment.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { RECORDER, stream } from '../../support/transaction.ts';

function segment(number: number, sequence: number, kind: SegmentKind = 'message', text = ''): Segment {
  return {
    kind,
    stream: number,
    sequence,
    at: sequence,
    flags: 0,
    openInbound: 0,
    owner: 0,
    payload: Buffer.from(text),
  };
}

const source = (...segments: readonly Segment[]) => ({ recorder: RECORDER, records: encodeSegments(segments) });

/** `stream: sequences | sequences of its state`. */
function outline(...sources: readonly { readonly recorder: typeof RECORDER; readonly records: Uint8Array }[]) {
  return groupStreams(sources).streams.map(
    ({ id, segments, state }) =>
      `${id.split('.')[1]}: ${segments.map((one) => one.sequence).join(' ')} | ${state.map((one) => `${one.sequence}${Buffer.from(one.payload).toString()}`).join(' ')}`,
  );
}

describe('records back into streams', () => {
  it('interleaved, out of order, in parts that overlap', () => {
    expect(outline(source(segment(1, 2), segment(2, 0), segment(1, 0)), source(segment(1, 1), segment(1, 2)))).toEqual([
      '1: 0 1 2 | ',
      '2: 0 | ',
    ]);
  });

  it('a repeat is a repeat: what came first stays', () => {
    const { streams } = groupStreams([
      source(segment(1, 0, 'message', 'first')),
      source(segment(1, 0, 'message', 'again')),
    ]);
    expect(streams.map(({ segments }) => segments.map(({ payload }) => Buffer.from(payload).toString()))).toEqual([
      ['first'],
    ]);
  });

  it('of stated connection state the oldest is kept, whole', () => {
    const late = source(segment(1, 9, 'state', 'c'), segment(1, 9));
    const early = source(segment(1, 4, 'state', 'a'), segment(1, 4, 'state', 'b'), segment(1, 4));
    expect(outline(late, early)).toEqual(['1: 4 9 | 4a 4b']);
    expect(outline(early, late)).toEqual(['1: 4 9 | 4a 4b']);
  });

  it('the same number at two recorders is two streams', () => {
    const other = { ...source(segment(1, 0)), recorder: '00000000000000bb' as typeof RECORDER };
    expect(groupStreams([source(segment(1, 0)), other]).streams.map(({ id }) => id)).toEqual([
      stream(1),
      '00000000000000bb.1',
    ]);
  });

  it('sources with bytes that are no record are counted', () => {
    const cut = { recorder: RECORDER, records: encodeSegments([segment(1, 0, 'message', 'text')]).subarray(0, 30) };
    expect(groupStreams([cut, source(segment(2, 0))])).toMatchObject({ faults: 1, streams: [{ id: stream(2) }] });
  });
});
