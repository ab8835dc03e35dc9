/** Bytes sixteen to a line: offset, hex digits, printable ASCII. */
export interface HexLine {
  readonly offset: string;
  readonly hex: string;
  readonly ascii: string;
}

export const BYTES_OF_LINE = 16;

export function hexLines(bytes: Uint8Array, from = 0, count = Number.POSITIVE_INFINITY): readonly HexLine[] {
  const lines: HexLine[] = [];
  for (let at = from * BYTES_OF_LINE; at < bytes.length && lines.length < count; at += BYTES_OF_LINE)
    lines.push(hexLine(bytes.subarray(at, at + BYTES_OF_LINE), at));
  return lines;
}

function hexLine(bytes: Uint8Array, offset: number): HexLine {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  return {
    offset: offset.toString(16).padStart(8, '0'),
    hex: [pairs.slice(0, 8).join(' '), pairs.slice(8).join(' ')].join('  ').trimEnd(),
    ascii: Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join(''),
  };
}
