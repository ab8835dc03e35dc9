/** A recorded body as text, if it is text: decompressed within bounds, its charset applied. */
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import { boundaryOf } from './multipart.ts';

type Grammar = 'json' | 'form' | 'events' | 'text' | 'multipart';

export type BodyText =
  | {
      readonly kind: 'text';
      readonly grammar: Grammar;
      /** Of a multipart the bytes, a char each: its parts may be anything. */
      readonly text: string;
      readonly cut: boolean;
      /** Of a multipart. */
      readonly boundary?: string;
    }
  | { readonly kind: 'not-text'; readonly why: string };

export interface BodyLimits {
  /** Compressed bodies that grow beyond this are not shown. Bytes. */
  readonly decompressedBytes: number;
  /** Longest text, cut there. Bytes of UTF-8. */
  readonly textBytes: number;
}

/** `contentType` and `encoding` are the header values, if there were any. Never throws, whatever the bytes are. */
export function readBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  encoding: string | undefined,
  limits: BodyLimits,
): BodyText {
  const grammar = grammarOf(contentType, bytes);
  if (grammar === undefined) return { kind: 'not-text', why: 'binary' };
  const plain = decompress(bytes, encoding, limits.decompressedBytes);
  if (typeof plain === 'string') return { kind: 'not-text', why: plain };
  const boundary = grammar === 'multipart' ? boundaryOf(contentType ?? '') : undefined;
  const shown = plain.subarray(0, limits.textBytes);
  const text = boundary === undefined ? decodeText(shown, charsetOf(contentType)) : latin1(shown);
  if (text === undefined) return { kind: 'not-text', why: 'binary' };
  // Without a content type, what a body is can only be told from its text.
  const found = contentType === undefined && /^\s*[{[]/.test(text) ? 'json' : grammar;
  return { kind: 'text', grammar: found, text, cut: plain.length > limits.textBytes, ...(boundary && { boundary }) };
}

function grammarOf(contentType: string | undefined, bytes: Uint8Array): Grammar | undefined {
  if (contentType === undefined) return bytes.subarray(0, 512).includes(0) ? undefined : 'text';
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'text/event-stream') return 'events';
  if (boundaryOf(contentType) !== undefined) return 'multipart';
  if (/[/+](?:x-)?(?:nd)?json(?:[-.]seq|l|lines)?$/.test(type)) return 'json';
  if (type.startsWith('text/') || /[/+](?:xml|yaml|x-yaml|graphql|javascript|toml|sql)$/.test(type)) return 'text';
  return undefined;
}

/** `partial`: of a stream that was cut off, what its beginning holds. Throws zlib's errors. */
type Decode = (bytes: Uint8Array, maxOutputLength: number, partial: boolean) => Uint8Array;

const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: (bytes, maxOutputLength, partial) =>
    gunzipSync(bytes, { maxOutputLength, finishFlush: partial ? constants.Z_SYNC_FLUSH : constants.Z_FINISH }),
  deflate: inflateEither,
  br: (bytes, maxOutputLength, partial) =>
    brotliDecompressSync(bytes, {
      maxOutputLength,
      finishFlush: partial ? constants.BROTLI_OPERATION_FLUSH : constants.BROTLI_OPERATION_FINISH,
    }),
  zstd: (bytes, maxOutputLength, partial) =>
    zstdDecompressSync(bytes, {
      maxOutputLength,
      finishFlush: partial ? constants.ZSTD_e_flush : constants.ZSTD_e_end,
    }),
};

/** The bytes before compression, or why not. A body that was cut off while recording gives what its beginning holds. */
function decompress(bytes: Uint8Array, encoding: string | undefined, maxBytes: number): Uint8Array | string {
  // Applied in the order listed, so taken off from the end (RFC 9110, 8.4). Nobody stacks more than two; a bomb would.
  const names = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-/, ''))
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > 2) return `encoded ${names.length} times over`;
  let plain = bytes;
  for (const name of names.toReversed()) {
    const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
    if (decode === undefined) return `content encoding ${name.slice(0, 40)} is not known`;
    const decoded = attempt(decode, plain, maxBytes);
    if (decoded === undefined) return `is no valid ${name}`;
    if (decoded === 'too-large') return `decompresses to more than ${maxBytes} bytes`;
    plain = decoded;
  }
  return plain;
}

function attempt(decode: Decode, bytes: Uint8Array, maxBytes: number): Uint8Array | 'too-large' | undefined {
  for (const partial of [false, true]) {
    try {
      const decoded = decode(bytes, maxBytes, partial);
      return partial && decoded.length === 0 ? undefined : decoded;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return 'too-large';
    }
  }
  return undefined;
}

/** `deflate` is zlib by the RFC and raw by custom. */
function inflateEither(bytes: Uint8Array, maxOutputLength: number, partial: boolean): Uint8Array {
  const options = { maxOutputLength, finishFlush: partial ? constants.Z_SYNC_FLUSH : constants.Z_FINISH };
  return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
}

function charsetOf(contentType: string | undefined): string {
  return /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function decodeText(bytes: Uint8Array, charset: string): string | undefined {
  try {
    // Streaming leaves out a character that a cut split, ours or the recording's.
    return new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
