/** Records back into streams. */
import type { RecorderId, StreamId } from '../domain/ids.ts';
import { streamId } from '../domain/ids.ts';
import type { Segment } from '../domain/segment.ts';
import { readRecords } from '../wire/segments/record.ts';
import type { Note } from './flow/note.ts';
import { readLeftOut, readNote, surest } from './flow/note.ts';

/** Records of one recorder, as copied out or as read from a `.loop`. */
export interface RecordSource {
  readonly recorder: RecorderId;
  readonly records: Uint8Array;
}

export interface RecordedStream {
  readonly id: StreamId;
  readonly recorder: RecorderId;
  /** In sequence, each segment once, without `state`. */
  readonly segments: readonly Segment[];
  /** Connection state stated in front of the first segment. */
  readonly state: readonly Segment[];
}

interface Gathered {
  readonly recorder: RecorderId;
  readonly segments: Map<number, Segment>;
  state: readonly Segment[];
}

/**
 * A part may repeat what an earlier one had: (stream, sequence) names a segment. Of restated connection state the oldest is kept, because
 * decoding starts at the oldest segment. `faults` counts sources with bytes that are no record.
 */
export function groupStreams(sources: readonly RecordSource[]): {
  readonly streams: readonly RecordedStream[];
  /** Where something without context was placed, one for each. */
  readonly notes: readonly Note[];
  /** Transactions around it that could not be looked at. */
  readonly leftOut: number;
  readonly faults: number;
} {
  const streams = new Map<StreamId, Gathered>();
  const notes: Note[] = [];
  let faults = 0;
  let leftOut = 0;
  for (const source of sources) {
    const { segments, truncatedAt, unknown } = readRecords(source.records);
    if (truncatedAt !== undefined || unknown > 0) faults += 1;
    const placed = segments.filter(({ kind }) => kind === 'placed');
    leftOut = placed.reduce((most, segment) => Math.max(most, readLeftOut(segment)), leftOut);
    notes.push(...placed.flatMap((segment) => readNote(source.recorder, segment) ?? []));
    gather(streams, source.recorder, placed.length === 0 ? segments : segments.filter(({ kind }) => kind !== 'placed'));
  }
  return {
    streams: [...streams].map(([id, { recorder, segments, state }]) => ({
      id,
      recorder,
      segments: [...segments.values()].toSorted((one, other) => one.sequence - other.sequence),
      state,
    })),
    notes: surest(notes),
    leftOut,
    faults,
  };
}

function gather(streams: Map<StreamId, Gathered>, recorder: RecorderId, segments: readonly Segment[]): void {
  const stated = Map.groupBy(
    segments.filter((segment) => segment.kind === 'state'),
    (segment) => segment.stream,
  );
  for (const segment of segments) {
    const known = streamOf(streams, recorder, segment.stream);
    if (segment.kind !== 'state' && !known.segments.has(segment.sequence))
      known.segments.set(segment.sequence, segment);
  }
  for (const [stream, state] of stated) {
    const known = streamOf(streams, recorder, stream);
    const sequenceOf = (list: readonly Segment[]) => list[0]?.sequence ?? Number.POSITIVE_INFINITY;
    if (sequenceOf(state) < sequenceOf(known.state)) known.state = state;
  }
}

function streamOf(streams: Map<StreamId, Gathered>, recorder: RecorderId, stream: number): Gathered {
  const id = streamId(recorder, stream);
  const known = streams.get(id) ?? { recorder, segments: new Map<number, Segment>(), state: [] };
  streams.set(id, known);
  return known;
}
