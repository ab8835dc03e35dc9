/**
 * A segment as bytes, in the ring, in a `.loop` and everywhere between: a 28-byte header and the payload, little-endian.
 *
 *     0  u32  payload length          8  u32  stream number (from 1)
 *     4  u8   kind                   12  u32  sequence in the stream (from 0)
 *     5  u8   flags                  16  u32  owner: the one open inbound stream, or 0
 *     6  u16  open inbound exchanges 20  f64  arrival, Unix ms
 *                                    28  payload, then zeros up to a multiple of 4
 *
 * Ring and file share the layout so that keeping a transaction is a copy and nothing else.
 */
import type { EndReason, Gap, GapReason, Segment, SegmentKind } from '../../domain/segment.ts';

export const RECORD_HEADER_BYTES = 28;

const KINDS = ['opened', 'message', 'ended', 'state', 'gap', 'log', 'placed'] as const satisfies readonly SegmentKind[];
const END_REASONS = ['closed', 'cancelled', 'idle', 'shutdown', 'error'] as const satisfies readonly EndReason[];
const GAP_REASONS = ['budget', 'shed', 'overwritten'] as const satisfies readonly GapReason[];

const MESSAGE = KINDS.indexOf('message');

/** Up to so many are copied faster one by one. */
const FEW_BYTES = 16;

/** Bytes a record with such a payload takes, padding included. */
export function recordBytes(payloadBytes: number): number {
  return RECORD_HEADER_BYTES + ((payloadBytes + 3) & ~3);
}

/** Writes one record at `offset`; the caller has made room for `recordBytes`. Returns the offset behind it. */
export function writeRecord(target: Uint8Array, view: DataView, offset: number, segment: Segment): number {
  view.setUint32(offset, segment.payload.length, true);
  view.setUint8(offset + 4, segment.kind === 'message' ? MESSAGE : KINDS.indexOf(segment.kind));
  view.setUint8(offset + 5, segment.flags);
  view.setUint16(offset + 6, Math.min(segment.openInbound, 0xffff), true);
  view.setUint32(offset + 8, segment.stream, true);
  view.setUint32(offset + 12, segment.sequence, true);
  view.setUint32(offset + 16, segment.owner, true);
  view.setFloat64(offset + 20, segment.at, true);
  const { payload } = segment;
  const start = offset + RECORD_HEADER_BYTES;
  if (payload.length > FEW_BYTES) target.set(payload, start);
  else for (let index = 0; index < payload.length; index++) target[start + index] = payload[index] ?? 0;
  const end = offset + recordBytes(payload.length);
  for (let padding = start + payload.length; padding < end; padding++) target[padding] = 0;
  return end;
}

/** What was read. `truncatedAt`: the bytes end inside a record that begins there. `unknown`: records of kinds a newer version wrote, skipped. */
export interface ReadRecords {
  readonly segments: readonly Segment[];
  readonly unknown: number;
  readonly truncatedAt?: number;
}

/** The payload of one record, where it lies. */
export function payloadOf(record: Uint8Array): Uint8Array {
  const length = new DataView(record.buffer, record.byteOffset).getUint32(0, true);
  return record.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length);
}

/** True for a record that holds a ProcessingRequest, where it lies. */
export function isMessage(view: DataView, offset: number): boolean {
  return KINDS[view.getUint8(offset + 4)] === 'message';
}

/** Every record in `bytes`, in order. Payloads are views into `bytes`. */
export function readRecords(bytes: Uint8Array): ReadRecords {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: Segment[] = [];
  let unknown = 0;
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < RECORD_HEADER_BYTES) return { segments, unknown, truncatedAt: offset };
    const length = view.getUint32(offset, true);
    // Not recordBytes(): its 32-bit arithmetic would wrap for a hostile length.
    if (bytes.length - offset - RECORD_HEADER_BYTES < length) return { segments, unknown, truncatedAt: offset };
    const kind = KINDS[view.getUint8(offset + 4)];
    if (kind === undefined) unknown += 1;
    else segments.push(readRecord(bytes, view, offset, kind, length));
    offset += recordBytes(length);
  }
  return { segments, unknown };
}

function readRecord(bytes: Uint8Array, view: DataView, offset: number, kind: SegmentKind, length: number): Segment {
  return {
    kind,
    flags: view.getUint8(offset + 5),
    openInbound: view.getUint16(offset + 6, true),
    stream: view.getUint32(offset + 8, true),
    sequence: view.getUint32(offset + 12, true),
    owner: view.getUint32(offset + 16, true),
    at: view.getFloat64(offset + 20, true),
    payload: bytes.subarray(offset + RECORD_HEADER_BYTES, offset + RECORD_HEADER_BYTES + length),
  };
}

export function encodeSegments(segments: readonly Segment[]): Uint8Array {
  const bytes = new Uint8Array(segments.reduce((sum, segment) => sum + recordBytes(segment.payload.length), 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const segment of segments) offset = writeRecord(bytes, view, offset, segment);
  return bytes;
}

const ENDS = END_REASONS.map((_reason, index) => Uint8Array.of(index));
const NO_END = Uint8Array.of(0xff);

/** Shared bytes: not to be written to. */
export function encodeEnd(reason: EndReason): Uint8Array {
  return ENDS[END_REASONS.indexOf(reason)] ?? NO_END;
}

export function decodeEnd(payload: Uint8Array): EndReason {
  return END_REASONS[payload[0] ?? 0] ?? 'error';
}

/** Gap payload: u8 side (0 client, 1 server), u8 reason, u16 zero, f64 bytes; little-endian. */
export function encodeGap(gap: Gap): Uint8Array {
  const payload = new Uint8Array(12);
  payload[0] = gap.side === 'client' ? 0 : 1;
  payload[1] = GAP_REASONS.indexOf(gap.reason);
  new DataView(payload.buffer).setFloat64(4, gap.bytes, true);
  return payload;
}

export function decodeGap(payload: Uint8Array): Gap {
  const bytes = payload.length < 12 ? 0 : new DataView(payload.buffer, payload.byteOffset).getFloat64(4, true);
  return { side: payload[0] === 1 ? 'server' : 'client', reason: GAP_REASONS[payload[1] ?? 0] ?? 'shed', bytes };
}
