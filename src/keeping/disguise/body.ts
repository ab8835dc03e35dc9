/** A whole body of an HTTP message, disguised by its grammar and packed again as it was. */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Header } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';
import { isGrpc } from '../../domain/grpc.ts';
import { readBody } from '../../seal/body.ts';
import { messageSchema } from '../../seal/grpc-body.ts';
import { redactBody } from '../../seal/redact-body.ts';
import type { Disguise } from './disguise.ts';
import { disguiseGrpc } from './protobuf.ts';

/** What unpacks to more is made opaque. Bytes. */
const MOST_BYTES = 64 * 1024 * 1024;

const PACK: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gzipSync(bytes, { level: 1 }),
  deflate: (bytes) => deflateSync(bytes, { level: 1 }),
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};

/** Which message of which call it is. */
export interface BodyPlace {
  readonly path: string;
  readonly side: 'input' | 'output';
}

export function disguiseBody(
  body: Uint8Array,
  headers: readonly Header[],
  disguise: Disguise,
  place?: BodyPlace,
): Uint8Array {
  if (body.length === 0) return body;
  const type = header(headers, 'content-type');
  if (isGrpc(type)) {
    const isJson = /^application\/grpc\+json\b/i.test(type ?? '');
    const known = place && messageSchema(disguise.schema, place.path, place.side);
    return disguiseGrpc(body, header(headers, 'grpc-encoding'), isJson, disguise, known?.type);
  }
  const encoding = header(headers, 'content-encoding');
  const read = readBody(body, type, encoding, { decompressedBytes: MOST_BYTES, textBytes: MOST_BYTES });
  const pack = packing(encoding);
  if (read.kind === 'not-text' || pack === undefined) return disguise.opaque(body);
  const written = encode(redactBody(read, disguise.redact), type);
  return written === undefined ? disguise.opaque(body) : pack(written);
}

/** Undefined for encodings that cannot be put on again. */
function packing(encoding: string | undefined): ((bytes: Uint8Array) => Uint8Array) | undefined {
  const name = (encoding ?? '').trim().toLowerCase().replace(/^x-/, '');
  if (name === '' || name === 'identity') return (bytes) => bytes;
  return Object.hasOwn(PACK, name) ? PACK[name] : undefined;
}

/** In the charset the content type names, as far as there is a way back. */
function encode(text: string, type: string | undefined): Uint8Array | undefined {
  const charset = /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(type ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii') return Buffer.from(text, 'utf8');
  return charset === 'iso-8859-1' || charset === 'windows-1252' ? Buffer.from(text, 'latin1') : undefined;
}
