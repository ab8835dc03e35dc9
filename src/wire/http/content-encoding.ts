/** Content encodings of HTTP bodies, undone within bounds. https://www.rfc-editor.org/rfc/rfc9110#section-8.4 */
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

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

/**
 * The bytes before compression, or why not; `encoding` is the header's value. A body that was cut off while recording gives what its beginning
 * holds. Never throws.
 */
export function decodeContent(bytes: Uint8Array, encoding: string | undefined, maxBytes: number): Uint8Array | string {
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
