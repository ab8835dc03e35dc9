/**
 * A part as bytes, as it is sealed: `LPRT`, u8 version 1, 3 zero bytes, 8 bytes recorder id, f64 overwritten segments, then records. Little-endian.
 */
import type { RecorderId } from '../../domain/ids.ts';
import { parseRecorderId } from '../../domain/ids.ts';

const MAGIC = 0x5452504c;
const HEADER_BYTES = 24;

export interface PartContent {
  readonly recorder: RecorderId;
  readonly overwritten: number;
  readonly records: Uint8Array;
}

export function encodePart(part: PartContent): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + part.records.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, 1);
  view.setBigUint64(8, BigInt(`0x${part.recorder}`), true);
  view.setFloat64(16, part.overwritten, true);
  bytes.set(part.records, HEADER_BYTES);
  return bytes;
}

/** Undefined for bytes that are no part, or one of a newer version. */
export function decodePart(bytes: Uint8Array): PartContent | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC || view.getUint8(4) !== 1) return undefined;
  const recorder = parseRecorderId(view.getBigUint64(8, true).toString(16).padStart(16, '0'));
  return recorder && { recorder, overwritten: view.getFloat64(16, true), records: bytes.subarray(HEADER_BYTES) };
}
