/** A type's two forms on the wire. Undefined: not a value of this type, or one whose other form is not known; the caller keeps what it has. */
export interface TypeCodec {
  text(binary: Uint8Array): string | undefined;
  binary(text: string): Uint8Array | undefined;
}

export function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function pad(value: number | bigint, width: number): string {
  return String(value).padStart(width, '0');
}
