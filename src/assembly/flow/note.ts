/**
 * A placement as it is kept: a record `placed` in the stream of the call (or of the connection), its payload JSON. A command is named by the
 * moment it began, because its number depends on how much of its connection is kept.
 *
 *     {"parent":"<stream id>","certainty":0.93,"evidence":["order_id"]}
 *     {"parent":"<stream id>","certainty":0.8,"evidence":["id"],"at":1790000000000.25}
 *     {"leftOut":12}
 */
import type { RecorderId, StreamId } from '../../domain/ids.ts';
import { streamId } from '../../domain/ids.ts';
import type { Segment } from '../../domain/segment.ts';
import type { Flow } from '../../domain/transaction.ts';

export interface Note extends Flow {
  readonly stream: StreamId;
  readonly parent: StreamId;
  /** Of a command: when it began, Unix ms. */
  readonly at?: number;
}

const EVIDENCE = 8;
const WORDS = 80;

/** The record of a note. Its stream is one of the recorder whose part it goes into. */
export function noteSegment({ stream, parent, certainty, evidence, at }: Note): Segment {
  const said = { parent, certainty, evidence, ...(at !== undefined && { at }) };
  const number = Number(stream.slice(stream.indexOf('.') + 1));
  const payload = new TextEncoder().encode(JSON.stringify(said));
  return { kind: 'placed', stream: number, sequence: 0, at: at ?? 0, flags: 0, openInbound: 0, owner: 0, payload };
}

/** The record that says that some of what went on around the stream found no room in its part. */
export function leftOutSegment(stream: number, leftOut: number): Segment {
  const payload = new TextEncoder().encode(JSON.stringify({ leftOut }));
  return { kind: 'placed', stream, sequence: 0, at: 0, flags: 0, openInbound: 0, owner: 0, payload };
}

/** 0 for a record that says something else. */
export function readLeftOut({ payload }: Segment): number {
  const leftOut = parsed(payload)?.leftOut;
  return typeof leftOut === 'number' && Number.isSafeInteger(leftOut) && leftOut > 0 ? leftOut : 0;
}

/** Undefined for bytes that are no note: they come from files of strangers too. */
export function readNote(recorder: RecorderId, { stream, payload }: Segment): Note | undefined {
  const said = parsed(payload);
  if (said === undefined || typeof said.parent !== 'string' || typeof said.certainty !== 'number') return undefined;
  const evidence = Array.isArray(said.evidence) ? said.evidence.filter((word) => typeof word === 'string') : [];
  return {
    stream: streamId(recorder, stream),
    parent: said.parent as StreamId,
    certainty: Math.min(1, Math.max(0, said.certainty)),
    evidence: evidence.slice(0, EVIDENCE).map((word) => word.slice(0, WORDS)),
    ...(typeof said.at === 'number' && { at: said.at }),
  };
}

/** Of several notes about one thing the surest, whatever order they came in. */
export function surest(notes: readonly Note[]): readonly Note[] {
  const best = new Map<string, Note>();
  for (const note of notes) {
    const key = `${note.stream} ${note.at ?? ''}`;
    const known = best.get(key);
    if (known === undefined || isSurer(note, known)) best.set(key, note);
  }
  return [...best.values()];
}

function isSurer(one: Note, other: Note): boolean {
  if (one.certainty !== other.certainty) return one.certainty > other.certainty;
  if (one.parent !== other.parent) return one.parent < other.parent;
  return one.evidence.join() < other.evidence.join();
}

interface Said {
  readonly parent?: unknown;
  readonly certainty?: unknown;
  readonly evidence?: unknown;
  readonly at?: unknown;
  readonly leftOut?: unknown;
}

function parsed(payload: Uint8Array): Said | undefined {
  try {
    const said: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    return typeof said === 'object' && said !== null ? said : undefined;
  } catch {
    return undefined;
  }
}
