/** A recorded body as text, if it is text: decompressed within bounds, its charset applied. */
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

export type BodyText =
  | {
      readonly kind: 'text';
      readonly grammar: 'json' | 'form' | 'events' | 'text';
      readonly text: string;
      readonly cut: boolean;
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
  const text = decodeText(plain.subarray(0, limits.textBytes), charsetOf(contentType), plain.length > limits.textBytes);
  if (text === undefined) return { kind: 'not-text', why: 'binary' };
  // Without a content type, what a body is can only be told from its text.
  const found = contentType === undefined && /^\s*[{[]/.test(text) ? 'json' : grammar;
  return { kind: 'text', grammar: found, text, cut: plain.length > limits.textBytes };
}

function grammarOf(
  contentType: string | undefined,
  bytes: Uint8Array,
): 'json' | 'form' | 'events' | 'text' | undefined {
  if (contentType === undefined) return bytes.subarray(0, 512).includes(0) ? undefined : 'text';
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'text/event-stream') return 'events';
  if (/[/+](?:x-)?(?:nd)?json(?:[-.]seq|l|lines)?$/.test(type)) return 'json';
  if (type.startsWith('text/') || /[/+](?:xml|yaml|x-yaml|graphql|javascript|toml|sql)$/.test(type)) return 'text';
  return undefined;
}

const DECODERS: Readonly<Record<string, (bytes: Uint8Array, maxOutputLength: number) => Uint8Array>> = {
  gzip: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: inflateEither,
  br: (bytes, maxOutputLength) =>
    brotliDecompressSync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength, finishFlush: constants.ZSTD_e_flush }),
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
    try {
      plain = decode(plain, maxBytes);
    } catch (error) {
      const bomb = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return bomb ? `decompresses to more than ${maxBytes} bytes` : `is no valid ${name}`;
    }
  }
  return plain;
}

/** `deflate` is zlib by the RFC and raw by custom. */
function inflateEither(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  const options = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH };
  return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
}

function charsetOf(contentType: string | undefined): string {
  return /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
}

function decodeText(bytes: Uint8Array, charset: string, cut: boolean): string | undefined {
  try {
    // Streaming leaves out a character that the cut split.
    return new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return undefined;
  }
}
