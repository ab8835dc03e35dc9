/**
 * A part as bytes, as it is sealed: `LPRT`, u8 version, 3 zero bytes, 8 bytes recorder id, f64 overwritten segments, then records.
 * Little-endian. Version 2 is a disguised part: the redaction key its tokens were made with, 32 bytes, stands in front of the records.
 */
import type { RecorderId } from '../../domain/ids.ts';
import { parseRecorderId } from '../../domain/ids.ts';

const MAGIC = 0x5452504c;
const HEADER_BYTES = 24;
const KEY_BYTES = 32;

export interface PartContent {
  readonly recorder: RecorderId;
  readonly overwritten: number;
  readonly records: Uint8Array;
  /** Set when the originals were not kept (src/keeping/disguise): the key of its tokens, 32 bytes. */
  readonly disguised?: Uint8Array;
}

export function encodePart({ recorder, overwritten, records, disguised }: PartContent): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + (disguised === undefined ? 0 : KEY_BYTES) + records.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, disguised === undefined ? 1 : 2);
  view.setBigUint64(8, BigInt(`0x${recorder}`), true);
  view.setFloat64(16, overwritten, true);
  if (disguised !== undefined) bytes.set(disguised.subarray(0, KEY_BYTES), HEADER_BYTES);
  bytes.set(records, bytes.length - records.length);
  return bytes;
}

/** Undefined for bytes that are no part, or one of a newer version. */
export function decodePart(bytes: Uint8Array): PartContent | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(4);
  const start = version === 2 ? HEADER_BYTES + KEY_BYTES : HEADER_BYTES;
  if (view.getUint32(0, true) !== MAGIC || version < 1 || version > 2 || bytes.length < start) return undefined;
  const recorder = parseRecorderId(view.getBigUint64(8, true).toString(16).padStart(16, '0'));
  const disguised = version === 2 ? { disguised: bytes.subarray(HEADER_BYTES, start) } : {};
  return recorder && { recorder, overwritten: view.getFloat64(16, true), records: bytes.subarray(start), ...disguised };
}
