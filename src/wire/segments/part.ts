/**
 * A part as bytes, as it is sealed: `LPRT`, u8 version, 3 zero bytes, 8 bytes recorder id, f64 overwritten segments, then records.
 * Little-endian. Version 2 is a disguised part: in front of the records stands how its tokens were made, u32 length and that many bytes.
 */
import type { RecorderId } from '../../domain/ids.ts';
import { parseRecorderId } from '../../domain/ids.ts';

const MAGIC = 0x5452504c;
const HEADER_BYTES = 24;
const LENGTH_BYTES = 4;

export interface PartContent {
  readonly recorder: RecorderId;
  readonly overwritten: number;
  readonly records: Uint8Array;
  /** Set when the originals were not kept: how its tokens were made (src/keeping/disguise/disguise.ts). */
  readonly disguised?: Uint8Array;
}

export function encodePart({ recorder, overwritten, records, disguised }: PartContent): Uint8Array {
  const more = disguised === undefined ? 0 : LENGTH_BYTES + disguised.length;
  const bytes = new Uint8Array(HEADER_BYTES + more + records.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, disguised === undefined ? 1 : 2);
  view.setBigUint64(8, BigInt(`0x${recorder}`), true);
  view.setFloat64(16, overwritten, true);
  if (disguised !== undefined) {
    view.setUint32(HEADER_BYTES, disguised.length, true);
    bytes.set(disguised, HEADER_BYTES + LENGTH_BYTES);
  }
  bytes.set(records, HEADER_BYTES + more);
  return bytes;
}

/** Undefined for bytes that are no part, or one of a newer version. */
export function decodePart(bytes: Uint8Array): PartContent | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(4);
  if (view.getUint32(0, true) !== MAGIC || (version !== 1 && version !== 2)) return undefined;
  const recorder = parseRecorderId(view.getBigUint64(8, true).toString(16).padStart(16, '0'));
  const disguised = version === 2 ? disguisedAt(bytes, view) : new Uint8Array();
  if (recorder === undefined || disguised === undefined) return undefined;
  const start = HEADER_BYTES + (version === 2 ? LENGTH_BYTES + disguised.length : 0);
  const content = { recorder, overwritten: view.getFloat64(16, true), records: bytes.subarray(start) };
  return version === 2 ? { ...content, disguised } : content;
}

function disguisedAt(bytes: Uint8Array, view: DataView): Uint8Array | undefined {
  const start = HEADER_BYTES + LENGTH_BYTES;
  if (bytes.length < start) return undefined;
  const length = view.getUint32(HEADER_BYTES, true);
  return length > bytes.length - start ? undefined : bytes.subarray(start, start + length);
}
