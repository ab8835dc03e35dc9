import type { EndReason, GapReason, SegmentKind } from '../domain/segment.ts';
import { encodeEnd, encodeGap } from '../wire/segments/record.ts';
import type { Draft, Holding } from './holding.ts';
import { ownerAt } from './instances.ts';
import type { Stream } from './streams.ts';

/**
 * Puts segments of streams into the holding: numbers them, and notes which inbound exchanges were open. Every segment takes a number
 * of its stream, also one that is then left out, so that a reader sees the loss and its place.
 */
export class Intake {
  readonly #holding: Holding;
  readonly #draft: Draft = {
    kind: 'message',
    stream: 0,
    sequence: 0,
    at: 0,
    flags: 0,
    openInbound: 0,
    owner: 0,
    payload: new Uint8Array(0),
  };

  constructor(holding: Holding) {
    this.#holding = holding;
  }

  /** Stores a segment that arrived at `at` (Unix ms). Returns its position, or NOWHERE when it was too large and is shed. */
  store(stream: Stream, kind: SegmentKind, payload: Uint8Array, at: number, flags: number, marks: number): number {
    return this.#holding.receive(stream, this.#drafted(stream, kind, payload, at, flags), marks);
  }

  /** The same for a record that nothing received: it counts in no fate. */
  write(stream: Stream, kind: SegmentKind, payload: Uint8Array, at: number, marks = 0): number {
    return this.#holding.write(stream, this.#drafted(stream, kind, payload, at, 0), marks);
  }

  /** A segment beyond a budget: counted, not stored. */
  leaveOut(stream: Stream, payload: Uint8Array): void {
    stream.next += 1;
    this.#holding.shed(payload.length);
  }

  /** Notes, where it stands, that bytes of one side were left out. */
  gap(stream: Stream, side: 'client' | 'server', bytes: number, at: number, reason: GapReason = 'budget'): void {
    if (bytes > 0) this.write(stream, 'gap', encodeGap({ side, reason, bytes }), at);
  }

  /** `told`: it is the recorder itself that says so. */
  end(stream: Stream, reason: EndReason, at: number, told = false): void {
    if (told) this.write(stream, 'ended', encodeEnd(reason), at);
    else this.store(stream, 'ended', encodeEnd(reason), at, 0, 0);
  }

  #drafted(stream: Stream, kind: SegmentKind, payload: Uint8Array, at: number, flags: number): Draft {
    const draft = this.#draft;
    draft.kind = kind;
    draft.stream = stream.number;
    draft.sequence = stream.next;
    draft.at = at;
    draft.flags = flags;
    draft.openInbound = stream.instance.openInbound;
    draft.owner = ownerAt(stream.instance);
    draft.payload = payload;
    stream.next += 1;
    return draft;
  }
}
