/** Text that hides in a value: base64, or bytes as Postgres writes them, perhaps of something compressed. */
import { gunzipSync, inflateSync, zstdDecompressSync, constants } from 'node:zlib';

/** What is longer than this is not looked into, and counts as hidden. Bytes. */
const MOST_BYTES = 1024 * 1024;
const LOOK_CHARACTERS = 64;

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

export type Hidden =
  | { readonly kind: 'text'; readonly text: string; readonly unpacked: boolean }
  | { readonly kind: 'too-large' };

/** Undefined when the value is not encoded, or what is in it is no text. `most`: bytes it may grow to when it is unpacked. Never throws. */
export function hiddenText(value: string, most: number): Hidden | undefined {
  const encoding = value.length < 16 ? undefined : encodingOf(value);
  if (encoding === undefined) return undefined;
  const written = value.slice(encoding === 'hex' ? 2 : 0);
  const beginning = Buffer.from(written.slice(0, LOOK_CHARACTERS), encoding);
  const open = openerOf(beginning);
  if (open === undefined && !isTextual(beginning.toString('utf8').slice(0, -4))) return undefined;
  if (written.length > MOST_BYTES) return { kind: 'too-large' };
  const bytes = Buffer.from(written, encoding);
  const plain = open === undefined ? bytes : attempt(open, bytes, most);
  if (plain === undefined || plain === 'too-large') return plain && { kind: plain };
  const text = plain.toString('utf8');
  return isTextual(text) ? { kind: 'text', text, unpacked: open !== undefined } : undefined;
}

function encodingOf(value: string): 'base64' | 'hex' | undefined {
  if (BASE64.test(value)) return 'base64';
  return /^\\x(?:[0-9a-f]{2})+$/i.test(value) ? 'hex' : undefined;
}

function isTextual(text: string): boolean {
  return !/[^\P{Cc}\t\r\n]|\ufffd/u.test(text);
}

type Open = (bytes: Buffer, maxOutputLength: number) => Buffer;

// What begins so may be cut off: its beginning is read.
const finishFlush = constants.Z_SYNC_FLUSH;

function openerOf([first, second, third, fourth]: Uint8Array): Open | undefined {
  if (first === 0x1f && second === 0x8b)
    return (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength, finishFlush });
  if (first === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(second ?? 0))
    return (bytes, maxOutputLength) => inflateSync(bytes, { maxOutputLength, finishFlush });
  if (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd)
    return (bytes, maxOutputLength) =>
      zstdDecompressSync(bytes, { maxOutputLength, finishFlush: constants.ZSTD_e_flush });
  return undefined;
}

function attempt(open: Open, bytes: Buffer, most: number): Buffer | 'too-large' | undefined {
  try {
    return open(bytes, Math.max(most, 1));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : undefined;
  }
}
