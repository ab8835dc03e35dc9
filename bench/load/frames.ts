/** HTTP/2 frames as they are on the wire: https://www.rfc-editor.org/rfc/rfc9113#section-4.1 */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
  /** With its head. */
  readonly bytes: Buffer;
}

const HEAD = 9;

/** Whole frames only; what is left over is dropped. */
export function framesOf(bytes: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + HEAD <= bytes.length;) {
    const end = at + HEAD + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: bytes[at + 3] ?? 0,
      flags: bytes[at + 4] ?? 0,
      stream: bytes.readUInt32BE(at + 5) & 0x7fff_ffff,
      payload: bytes.subarray(at + HEAD, end),
      bytes: bytes.subarray(at, end),
    });
    at = end;
  }
  return frames;
}
