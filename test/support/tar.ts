/** Tar blocks by hand: what a careful program would never write. */

export interface BlockOf {
  readonly name?: string | Buffer;
  /** Octal digits as they stand in the header, or a number. */
  readonly size?: number | string | Buffer;
  readonly type?: string;
  readonly magic?: string;
  readonly prefix?: string;
  readonly linkname?: string;
  /** Instead of the right one. */
  readonly checksum?: string;
}

export function tarBlock(of: BlockOf): Buffer {
  const { name = 'loop.json', size = 0, type = '0', magic = 'ustar\u000000', prefix = '', linkname = '' } = of;
  const block = Buffer.alloc(512);
  put(block, 0, name);
  put(block, 100, '0000600\0');
  put(block, 124, typeof size === 'number' ? `${size.toString(8).padStart(11, '0')}\0` : size);
  put(block, 148, ' '.repeat(8));
  put(block, 156, type);
  put(block, 157, linkname);
  put(block, 257, magic);
  put(block, 345, prefix);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(block, 148, of.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** A header and its content, padded. */
export function tarEntry(content: string | Uint8Array, of: BlockOf = {}): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([
    tarBlock({ size: bytes.length, ...of }),
    bytes,
    Buffer.alloc((512 - (bytes.length % 512)) % 512),
  ]);
}

export const TAR_END = Buffer.alloc(1024);

/** One record of a pax header: `30 path=…`, its length counted in. */
export function paxRecord(key: string, value: string): string {
  const body = ` ${key}=${value}\n`;
  const length = body.length + String(body.length).length;
  return `${String(length).length + body.length}${body}`;
}

function put(block: Buffer, at: number, value: string | Buffer): void {
  (typeof value === 'string' ? Buffer.from(value, 'latin1') : value).copy(block, at);
}
