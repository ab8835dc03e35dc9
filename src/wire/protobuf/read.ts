/** Reads a protobuf message without its schema. Bytes are hostile: depth and count are bounded, and the work is linear in bytes × depth. */
import type { ProtoField } from './field.ts';
import type { FieldFault } from './fields.ts';
import { FieldWalk, WireType } from './fields.ts';

/**
 * - `not-canonical` a varint is longer than it need be. No encoder in use writes such, and only without them can a reading be written back
 *   unchanged.
 * - `too-many` fields in the whole message.
 */
export interface ProtoFault {
  readonly fault: FieldFault | 'not-canonical' | 'too-many';
}

export interface ProtoLimits {
  /** Messages inside messages; deeper ones stay bytes. */
  readonly depth: number;
  /** Fields of all messages together. Nested ones beyond it stay bytes. */
  readonly fields: number;
}

const LIMITS: ProtoLimits = { depth: 16, fields: 20_000 };

/** The fields in wire order. `writeFields` gives the same bytes again. Bytes are views into what was given. */
export function readFields(bytes: Uint8Array, limits: ProtoLimits = LIMITS): readonly ProtoField[] | ProtoFault {
  const reader = new Reader(limits);
  const flat = reader.spans(bytes);
  return 'fault' in flat ? flat : reader.fields(bytes, flat, limits.depth);
}

/** The one field where `walk` stands; undefined when it alone is more than the limits, or not as `readFields` wants it. */
export function readField(bytes: Uint8Array, walk: FieldWalk, limits: ProtoLimits = LIMITS): ProtoField | undefined {
  const { field: number, wireType, start, end } = walk;
  if (wireType === WireType.varint && isPadded(bytes, start, end)) return undefined;
  return new Reader(limits).field(bytes, { number, wireType, start, end }, limits.depth);
}

/** Where a field lies and what it is, before anything is guessed. */
interface Span {
  readonly number: number;
  readonly wireType: number;
  readonly start: number;
  readonly end: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader {
  #left: number;

  constructor(limits: ProtoLimits) {
    this.#left = limits.fields;
  }

  /** All fields of one message, nothing nested: a fault at its end costs no look inside. */
  spans(bytes: Uint8Array): readonly Span[] | ProtoFault {
    const walk = new FieldWalk().over(bytes, 0, bytes.length);
    const spans: Span[] = [];
    let at = 0;
    while (walk.next()) {
      if (spans.length === this.#left) return { fault: 'too-many' };
      const { field: number, wireType, start, end } = walk;
      const prefix = sizeOfVarint(number * 8) + (wireType === WireType.bytes ? sizeOfVarint(end - start) : 0);
      const padded = wireType === WireType.varint && isPadded(bytes, start, end);
      if (padded || start - at !== prefix) return { fault: 'not-canonical' };
      spans.push({ number, wireType, start, end });
      at = end;
    }
    if (walk.fault !== undefined) return { fault: walk.fault };
    this.#left -= spans.length;
    return spans;
  }

  fields(bytes: Uint8Array, spans: readonly Span[], depth: number): readonly ProtoField[] {
    return spans.map((span) => this.field(bytes, span, depth));
  }

  field(bytes: Uint8Array, { number, wireType, start, end }: Span, depth: number): ProtoField {
    const payload = bytes.subarray(start, end);
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    if (wireType === WireType.varint) return { kind: 'varint', number, value: readVarint(payload) };
    if (wireType === WireType.fixed64) return { kind: 'fixed64', number, value: view.getBigUint64(0, true) };
    if (wireType === WireType.fixed32) return { kind: 'fixed32', number, value: view.getUint32(0, true) };
    return this.#guess(number, payload, depth);
  }

  /**
   * Readable text is text, although two letters may read as a message too: unless it begins with a control character (the tag of field 1),
   * or is, to the last byte, nothing but length-delimited fields, which no text is by chance.
   */
  #guess(number: number, payload: Uint8Array, depth: number): ProtoField {
    const text = readableText(payload);
    if (text === '') return { kind: 'text', number, text };
    const spans = depth > 0 ? this.spans(payload) : undefined;
    if (spans !== undefined && !('fault' in spans)) {
      const certain = text === undefined || (payload[0] ?? 0) < 0x20 || spans.every(isLong);
      if (certain) return { kind: 'message', number, fields: this.fields(payload, spans, depth - 1) };
    }
    return text === undefined ? { kind: 'bytes', number, bytes: payload } : { kind: 'text', number, text };
  }
}

function isLong({ wireType }: Span): boolean {
  return wireType === WireType.bytes;
}

/** UTF-8 without control characters but tab and line ends. */
function readableText(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** It ends in a byte that adds nothing, or in bits above the 64th. */
function isPadded(bytes: Uint8Array, start: number, end: number): boolean {
  const last = bytes[end - 1] ?? 0;
  return (last === 0 && end - start > 1) || (last > 1 && end - start === 10);
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function readVarint(payload: Uint8Array): bigint {
  let value = 0n;
  for (const [index, byte] of payload.entries()) value |= BigInt(byte & 0x7f) << BigInt(7 * index);
  return value;
}
