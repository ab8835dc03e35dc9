/**
 * Cuts one side of a connection into frames.
 *
 *     start-up packet   Int32 length (itself included), Int32 code, body        client, until a StartupMessage
 *     answer            Byte1 'S' | 'N' | 'G'                                   server, once per SSLRequest or GSSENCRequest
 *     message           Byte1 type, Int32 length (itself included), body        everything else
 *
 * https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-MESSAGE-CONCEPTS
 */
import { EMPTY, concat, copied, int32 } from '../bytes.ts';

export type Side = 'client' | 'server';

export interface Frame {
  readonly kind: 'startup' | 'answer' | 'message';
  /** The type byte as a character; of a start-up packet what its code asks for. */
  readonly type: string;
  /** The frame as on the wire; when skimming a long one, its beginning. Valid as long as the chunk it came with. */
  readonly bytes: Uint8Array;
  /** Bytes are missing at the end because the reader only skims. */
  readonly cut: boolean;
}

export interface NeedMore {
  readonly kind: 'need-more';
}

/** What came is not the Postgres protocol, or bytes are missing before it. The framer stays there until it is reset. */
export interface FramingFault {
  readonly kind: 'fault';
  readonly fault: 'unknown-type' | 'bad-length' | 'unknown-version';
}

/**
 * `whole`: every frame with all its bytes. `skim`: for following a live connection; rows and copied data are passed over, long
 * frames are cut, passwords and cancel keys are never held.
 */
export type Reading = 'whole' | 'skim';

/** MAX_STARTUP_PACKET_LENGTH of Postgres' own libpq/pqcomm.h. */
const STARTUP_BYTES = 10_000;
/** What libpq takes for a lost place: only some messages are ever longer (VALID_LONG_MESSAGE_TYPE in fe-protocol3.c). */
const MESSAGE_BYTES = 30_000;
/** PQ_LARGE_MESSAGE_LIMIT of pqcomm.h: what holds values or statements of people. */
const LARGE_BYTES = 0x3fffffff;
/** 1,664 columns of 82 bytes, 65,535 parameters of 4. */
const DESCRIPTION_BYTES = 300_000;
/** Reports carry statements and values, but never so many. */
const REPORT_BYTES = 0x1000000;

const LONGER: Readonly<Record<Side, Readonly<Record<string, number>>>> = {
  client: { Q: LARGE_BYTES, P: LARGE_BYTES, B: LARGE_BYTES, F: LARGE_BYTES, d: LARGE_BYTES, p: 65_536 },
  server: {
    D: LARGE_BYTES,
    d: LARGE_BYTES,
    V: LARGE_BYTES,
    T: DESCRIPTION_BYTES,
    t: DESCRIPTION_BYTES,
    E: REPORT_BYTES,
    N: REPORT_BYTES,
    R: 65_536,
  },
};
/** Longer statements than this are not worth pinning. */
const SKIM_BYTES = 65_536;

const STARTUP_CODES = new Map([
  [80877102, 'cancel'],
  [80877103, 'ssl'],
  [80877104, 'gss'],
]);

const TYPES: Readonly<Record<Side, ReadonlySet<string>>> = {
  client: new Set('BCDEFHPQSXcdfp'),
  server: new Set('123ACDEGHIKNRSTVWZcdnstv'),
};

/** Types whose length never varies: the cheapest way to notice that we lost our place. */
const FIXED_LENGTH: Readonly<Record<Side, Readonly<Record<string, number>>>> = {
  client: { S: 4, H: 4, X: 4, c: 4 },
  server: { '1': 4, '2': 4, '3': 4, n: 4, s: 4, I: 4, c: 4, Z: 5 },
};

/** When skimming: types that are passed over, or kept without their body. */
const SKIMMED: Readonly<Record<Side, Readonly<Record<string, 'pass' | 'bare'>>>> = {
  client: { d: 'pass', p: 'pass' },
  server: { D: 'pass', d: 'pass', K: 'bare', V: 'bare' },
};

interface OpenFrame {
  readonly header: Header;
  readonly pieces: Uint8Array[];
  kept: number;
  seen: number;
}

interface Header {
  readonly kind: 'startup' | 'message';
  readonly type: string;
  /** Bytes of the whole frame, and how many of them to keep; undefined: the frame is not to be shown at all. */
  readonly total: number;
  readonly keep: number | undefined;
}

const NEED_MORE: NeedMore = { kind: 'need-more' };

export class Framer {
  readonly #side: Side;
  readonly #reading: Reading;
  #expected: 'startup' | 'answer' | 'message';
  #input: Uint8Array = EMPTY;
  #at = 0;
  #open: OpenFrame | undefined;
  #fault: FramingFault | undefined;

  constructor(side: Side, reading: Reading = 'whole') {
    this.#side = side;
    this.#reading = reading;
    this.#expected = side === 'client' ? 'startup' : 'message';
  }

  /** Every byte that came belonged to a whole frame. */
  get atBoundary(): boolean {
    return this.#open === undefined && this.#at === this.#input.length && this.#fault === undefined;
  }

  /** The next byte of the server answers an SSLRequest or GSSENCRequest. */
  expectAnswer(): void {
    this.#expected = 'answer';
  }

  /** Forgets what came and starts again in the middle of a session. */
  restart(): void {
    this.#expected = 'message';
    this.#input = EMPTY;
    this.#at = 0;
    this.#open = undefined;
    this.#fault = undefined;
  }

  /** Bytes taken over by someone else: what came and is not yet part of a frame. */
  takeRest(): Uint8Array {
    const rest = this.#input.subarray(this.#at);
    this.#at = this.#input.length;
    return rest;
  }

  push(chunk: Uint8Array): void {
    const left = this.#input.subarray(this.#at);
    this.#input = left.length === 0 ? chunk : concat([left, chunk]);
    this.#at = 0;
  }

  /** The next whole frame. Call until `need-more`, or restart: only then may the memory of the pushed chunk be used for something else, or be gone. */
  next(): Frame | NeedMore | FramingFault {
    for (;;) {
      if (this.#fault !== undefined) return this.#fault;
      const framed = this.#open === undefined ? this.#begin() : this.#continue(this.#open);
      if (framed !== undefined) return framed;
    }
  }

  /** Undefined: a frame was passed over. */
  #begin(): Frame | NeedMore | FramingFault | undefined {
    const left = this.#input.length - this.#at;
    if (this.#expected === 'answer' && left > 0 && this.#input[this.#at] !== 0x45) return this.#answer();
    const header = this.#expected === 'startup' ? this.#startupHeader(left) : this.#messageHeader(left);
    if (header === undefined) return this.#wait();
    if (header.kind === 'fault') return (this.#fault = header);
    if (header.type === 'startup') this.#expected = 'message';
    if (left < header.total) {
      this.#open = { header, pieces: [], kept: 0, seen: 0 };
      return undefined;
    }
    const start = this.#at;
    this.#at += header.total;
    if (header.keep === undefined) return undefined;
    return shown(header, this.#input.subarray(start, start + header.keep));
  }

  #continue(open: OpenFrame): Frame | NeedMore | undefined {
    const { header } = open;
    const taken = Math.min(header.total - open.seen, this.#input.length - this.#at);
    const kept = Math.min(taken, (header.keep ?? 0) - open.kept);
    if (kept > 0) open.pieces.push(copied(this.#input.subarray(this.#at, this.#at + kept)));
    open.kept += Math.max(kept, 0);
    open.seen += taken;
    this.#at += taken;
    if (open.seen < header.total) return this.#wait();
    this.#open = undefined;
    return header.keep === undefined ? undefined : shown(header, concat(open.pieces));
  }

  /** From here on the memory of the chunk may be gone. */
  #wait(): NeedMore {
    const left = this.#input.subarray(this.#at);
    this.#input = left.length === 0 ? EMPTY : copied(left);
    this.#at = 0;
    return NEED_MORE;
  }

  #answer(): Frame | FramingFault {
    const type = String.fromCharCode(this.#input[this.#at] ?? 0);
    if (!'SNG'.includes(type)) return (this.#fault = { kind: 'fault', fault: 'unknown-type' });
    this.#expected = 'message';
    return { kind: 'answer', type, bytes: this.#input.subarray(this.#at, ++this.#at), cut: false };
  }

  #startupHeader(left: number): Header | FramingFault | undefined {
    if (left < 8) return undefined;
    const total = this.#int32(0);
    const code = this.#int32(4);
    if (total < 8 || total > STARTUP_BYTES) return { kind: 'fault', fault: 'bad-length' };
    const type = STARTUP_CODES.get(code) ?? (code >>> 16 === 3 ? 'startup' : undefined);
    if (type === undefined) return { kind: 'fault', fault: 'unknown-version' };
    return { kind: 'startup', type, total, keep: total };
  }

  #messageHeader(left: number): Header | FramingFault | undefined {
    if (left === 0) return undefined;
    const type = String.fromCharCode(this.#input[this.#at] ?? 0);
    if (!TYPES[this.#side].has(type)) return { kind: 'fault', fault: 'unknown-type' };
    if (left < 5) return undefined;
    const length = this.#int32(1);
    const fixed = FIXED_LENGTH[this.#side][type];
    if (
      length < 4 ||
      length > (LONGER[this.#side][type] ?? MESSAGE_BYTES) ||
      (fixed !== undefined && length !== fixed)
    ) {
      return { kind: 'fault', fault: 'bad-length' };
    }
    if (this.#expected === 'answer') this.#expected = 'message';
    return { kind: 'message', type, total: length + 1, keep: this.#keep(type, length + 1) };
  }

  #keep(type: string, total: number): number | undefined {
    if (this.#reading === 'whole') return total;
    const rule = SKIMMED[this.#side][type];
    if (rule === 'pass') return undefined;
    return rule === 'bare' ? 5 : Math.min(total, SKIM_BYTES);
  }

  #int32(offset: number): number {
    const bytes = this.#input;
    const start = this.#at + offset;
    return (
      ((bytes[start] ?? 0) << 24) |
      ((bytes[start + 1] ?? 0) << 16) |
      ((bytes[start + 2] ?? 0) << 8) |
      (bytes[start + 3] ?? 0)
    );
  }
}

function shown(header: Header, bytes: Uint8Array): Frame {
  return { kind: header.kind, type: header.type, bytes, cut: bytes.length < header.total };
}

/** What stands behind type and length. */
export function payload(frame: Frame): Uint8Array {
  switch (frame.kind) {
    case 'startup':
      return frame.bytes.subarray(4);
    case 'answer':
      return frame.bytes;
    case 'message':
      return frame.bytes.subarray(5);
  }
}

/** A whole message that was cut out before. */
export function messageFrame(bytes: Uint8Array): Frame {
  return { kind: 'message', type: String.fromCharCode(bytes[0] ?? 0), bytes, cut: false };
}

/** Byte1 type, Int32 length (its own four bytes and the body), body. */
export function frame(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  return concat([Buffer.from(type, 'latin1'), int32(length), ...parts]);
}
