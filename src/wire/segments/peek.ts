/**
 * Single fields of a record where it lies, for whoever walks records without making objects of them. The layout is in record.ts;
 * `offset` is where the record begins in `view`.
 */
import { recordBytes } from './record.ts';

/** Bytes of the whole record, padding included. */
export function peekBytes(view: DataView, offset: number): number {
  return recordBytes(view.getUint32(offset, true));
}

export function peekPayloadBytes(view: DataView, offset: number): number {
  return view.getUint32(offset, true);
}

export function peekFlags(view: DataView, offset: number): number {
  return view.getUint8(offset + 5);
}

export function pokeFlags(view: DataView, offset: number, flags: number): void {
  view.setUint8(offset + 5, flags);
}

export function peekStream(view: DataView, offset: number): number {
  return view.getUint32(offset + 8, true);
}

/** Arrival, Unix ms. */
export function peekAt(view: DataView, offset: number): number {
  return view.getFloat64(offset + 20, true);
}

/** Of a record by itself: its owner, or 0. */
export function peekOwner(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset).getUint32(16, true);
}

export function peekSequence(view: DataView, offset: number): number {
  return view.getUint32(offset + 12, true);
}
