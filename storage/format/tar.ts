/**
 * Headers of a tar, read as strictly as a `.loop` file is written. ustar: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar's own magic
 * is taken too, its extensions are not: long names, sparse files and pax records are types of entries here like links and devices, and
 * whoever takes files in refuses them. So no header can change what another one says.
 *
 *     0 name (100)   124 size (12, octal)   148 checksum (8, octal)   156 type   257 magic and version (8)   345 prefix (155)
 */

export const BLOCK_BYTES = 512;

export interface TarHeader {
  readonly name: string;
  /** `file`, or what else it is, for people. */
  readonly type: string;
  /** Bytes behind the header, without padding. */
  readonly size: number;
}

/** `end`: a block of zeros. `fault`: why the block is no header. */
export type ParsedHeader = TarHeader | 'end' | { readonly fault: string };

const TYPES: Readonly<Record<string, string>> = {
  '0': 'file',
  '\0': 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'character device',
  '4': 'block device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'contiguous file',
  x: 'pax header',
  g: 'global pax header',
  L: 'GNU long name',
  K: 'GNU long link name',
  S: 'GNU sparse file',
};

const MAGICS: ReadonlySet<string> = new Set(['ustar\0' + '00', 'ustar  \0']);

/** `block` has BLOCK_BYTES bytes. */
export function parseTarHeader(block: Uint8Array): ParsedHeader {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  if (bytes.every((byte) => byte === 0)) return 'end';
  const magic = bytes.toString('latin1', 257, 265);
  if (!MAGICS.has(magic)) return { fault: 'it is no tar archive' };
  if (octal(bytes, 148, 8) !== checksum(bytes)) return { fault: 'the checksum of a header is wrong' };
  const size = octal(bytes, 124, 12);
  if (size === undefined) return { fault: 'a size is not written as loop files have it' };
  const name = text(bytes, 0, 100);
  // Of GNU tar other things stand there.
  const prefix = magic.startsWith('ustar\0') ? text(bytes, 345, 155) : '';
  const flag = bytes.toString('latin1', 156, 157);
  const type = (Object.hasOwn(TYPES, flag) ? TYPES[flag] : undefined) ?? 'unknown type';
  return { name: prefix === '' ? name : `${prefix}/${name}`, type, size };
}

/** Up to the first NUL; what follows one is not nothing, and is shown with it, so that no name hides another. */
function text(bytes: Buffer, start: number, length: number): string {
  return bytes.toString('latin1', start, start + length).replace(/\0+$/, '');
}

/** Digits, then spaces or NULs. Undefined for anything else, GNU's base 256 too: it is for sizes beyond 8 GiB. */
function octal(bytes: Buffer, start: number, length: number): number | undefined {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(bytes.toString('latin1', start, start + length))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** The sum of all bytes, those of the checksum itself counted as spaces. */
function checksum(bytes: Buffer): number {
  let sum = 8 * 32;
  for (const [index, byte] of bytes.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}
