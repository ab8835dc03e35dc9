/** A part of a failure as it is stored: with the neighbours that belong to it, and without what is stored already. */
import type { Note } from '../assembly/flow/note.ts';
import { leftOutSegment, noteSegment } from '../assembly/flow/note.ts';
import { adopt } from '../assembly/flow/adopt.ts';
import type { RecorderId, StreamId, TransactionKey } from '../domain/ids.ts';
import { streamId } from '../domain/ids.ts';
import type { Segment } from '../domain/segment.ts';
import type { RecordedPart } from '../recorder/part.ts';
import type { PartContent } from '../wire/segments/part.ts';
import { encodeSegments, readRecords } from '../wire/segments/record.ts';

/** Keys of one transaction, the one it is named by first, and its streams. */
export interface Member {
  readonly names: readonly [TransactionKey, ...TransactionKey[]];
  readonly streams: ReadonlySet<StreamId>;
}

export interface Taken {
  readonly part: RecordedPart;
  /** The transaction itself, then those adopted. */
  readonly members: readonly [Member, ...Member[]];
}

export function namesOf(members: readonly Member[]): readonly TransactionKey[] {
  return members.flatMap(({ names }) => names);
}

/** Neighbours that are not adopted are gone after this: they are somebody else's. */
export function takeIn(part: RecordedPart): Taken {
  const { around, recorder } = part;
  const own = memberOf(part, recorder);
  if (around === undefined) return { part, members: [own] };
  const sources = around.neighbours.map(({ records }) => ({ recorder, records }));
  const { adopted, notes } = adopt(part, sources, {
    services: around.services,
    lonely: new Set(around.lonely.map((number) => streamId(recorder, number))),
    gapless: around.gapless,
  });
  const first = readRecords(part.records).segments[0]?.stream;
  const crowded = around.leftOut > 0 && first !== undefined ? [leftOutSegment(first, around.leftOut)] : [];
  const chosen = adopted.flatMap((index) => around.neighbours[index] ?? []);
  const { around: _, ...plain } = part;
  if (chosen.length === 0 && notes.length === 0 && crowded.length === 0) return { part: plain, members: [own] };
  const records = Buffer.concat([
    part.records,
    ...chosen.map((neighbour) => neighbour.records),
    noted(notes, recorder),
    encodeSegments(crowded),
  ]);
  return { part: { ...plain, records }, members: [own, ...chosen.map((neighbour) => memberOf(neighbour, recorder))] };
}

function noted(notes: readonly Note[], recorder: RecorderId): Uint8Array {
  return encodeSegments(notes.filter(({ stream }) => stream.startsWith(`${recorder}.`)).map(noteSegment));
}

function memberOf(
  { transaction, aliases, records }: Pick<RecordedPart, 'transaction' | 'aliases' | 'records'>,
  recorder: RecorderId,
): Member {
  const streams = new Set(readRecords(records).segments.map(({ stream }) => streamId(recorder, stream)));
  return { names: [transaction, ...aliases], streams };
}

/** Records of these streams alone (all when undefined), without those that `former` has. Bytes that are no records stay where they are. */
export function onlyNew<Content extends PartContent>(
  part: Content,
  former: readonly PartContent[],
  streams: ReadonlySet<StreamId> | undefined,
): Content {
  const { segments, truncatedAt, unknown } = readRecords(part.records);
  const known = new Set(former.filter(({ recorder }) => recorder === part.recorder).flatMap(identitiesOf));
  if (streams === undefined && known.size === 0 && (truncatedAt !== undefined || unknown > 0)) return part;
  const there = new Set(streams === undefined ? [] : former.flatMap(streamsIn));
  const fresh: Segment[] = [];
  const identities = identitiesIn(segments);
  for (const [index, segment] of segments.entries()) {
    const identity = identities[index] ?? '';
    if (known.has(identity) || (streams !== undefined && !isOf(segment, part.recorder, streams, there))) continue;
    known.add(identity);
    fresh.push(segment);
  }
  return fresh.length === segments.length && truncatedAt === undefined
    ? part
    : { ...part, records: encodeSegments(fresh) };
}

/** Where something was placed that is there already is always of interest: it may be that it does not belong there. */
function isOf(
  { kind, stream }: Segment,
  recorder: RecorderId,
  streams: ReadonlySet<StreamId>,
  there: ReadonlySet<StreamId>,
): boolean {
  const id = streamId(recorder, stream);
  return streams.has(id) || (kind === 'placed' && there.has(id));
}

function identitiesOf({ records }: PartContent): readonly string[] {
  return identitiesIn(readRecords(records).segments);
}

/** A state may say one thing more than once, as an answer to several commands: each in its turn is another. */
function identitiesIn(segments: readonly Segment[]): readonly string[] {
  const seen = new Map<string, number>();
  return segments.map((segment) => {
    const identity = identityOf(segment);
    if (segment.kind !== 'state') return identity;
    const turn = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, turn);
    return `${identity} ${turn}`;
  });
}

/** (stream, sequence) names a segment; what has no sequence of its own is named by what it says. */
function identityOf({ kind, stream, sequence, payload }: Segment): string {
  if (kind !== 'state' && kind !== 'placed') return `${stream}.${sequence}`;
  return `${stream}.${sequence} ${kind} ${Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1')}`;
}

/** With repeats. */
export function streamsIn({ recorder, records }: PartContent): readonly StreamId[] {
  return readRecords(records).segments.map(({ stream }) => streamId(recorder, stream));
}
