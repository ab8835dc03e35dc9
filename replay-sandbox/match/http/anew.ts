/** A recorded answer that speaks of what the service made anew. */
import { isUtf8 } from 'node:buffer';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Exchange, Header, Message } from '../../../src/domain/exchange.ts';
import { bodyOf, header } from '../../../src/domain/exchange.ts';
import { isGrpc } from '../../../src/domain/grpc.ts';
import { decodeContent } from '../../../src/wire/http/content-encoding.ts';
import { isEventStream } from '../../../src/wire/sse/exchange.ts';
import { isWebSocket } from '../../../src/wire/websocket/exchange.ts';
import type { Bindings } from '../bindings.ts';

/** Longer bodies are given as they are: nobody makes an id that is looked for in so much. */
const LIMIT = 4 * 1024 * 1024;

const ENCODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};

/** The same exchange when nothing bound stands in its answer. What stands in it is added to `anew`. */
export function speakingAnew(exchange: Exchange, bindings: Bindings, anew: Set<string>): Exchange {
  const text = (value: string): string => bindings.rewritten(value, anew);
  const bytes = (value: Uint8Array): Uint8Array => bindings.replaced(value, anew);
  return rewrittenAnswer(exchange, text, bytes);
}

/** `text` changes headers and bodies that have no lengths in them, both as Latin-1; `bytes` the others, and must keep their length. */
function rewrittenAnswer(
  exchange: Exchange,
  text: (value: string) => string,
  bytes: (value: Uint8Array) => Uint8Array = (value) => value,
): Exchange {
  const { response } = exchange;
  if (response === undefined || isWebSocket(exchange)) return exchange;
  const body = isGrpc(header(response.headers, 'content-type'))
    ? piecewise(response, bytes)
    : plainBody(response, (value) =>
        isText(response, value) ? Buffer.from(text(Buffer.from(value).toString('latin1')), 'latin1') : bytes(value),
      );
  const headers = response.headers.map((one) => changed(one, text));
  const same = body === response.body && headers.every((one, index) => one === response.headers[index]);
  if (same) return exchange;
  const sized = body === response.body ? headers : ofChanged(headers, body);
  return { ...exchange, response: { ...response, headers: sized, body } };
}

/** Framing and routes are no place for an id. */
function changed(one: Header, text: (value: string) => string): Header {
  if (one.name.startsWith(':') || one.name.startsWith('x-envoy-')) return one;
  const value = text(one.value);
  return value === one.value ? one : { name: one.name, value };
}

/** They vouch for the bytes of the body, and its reader refuses what they do not fit. */
const CHECKSUM = /^(?:content-md5|digest|content-digest|repr-digest|x-amz-crc32|x-amz-checksum-.+|x-goog-hash)$/;

function ofChanged(headers: readonly Header[], body: Message['body']): readonly Header[] {
  return headers.filter(({ name }) => !CHECKSUM.test(name)).map((one) => withLength(one, body));
}

/** In a body of no such type a value may have its length before it. */
const TEXT_TYPE = /^text\/|json|xml|javascript|urlencoded|multipart\/|yaml|csv/i;

function isText({ headers }: Message, body: Uint8Array): boolean {
  const type = header(headers, 'content-type') ?? '';
  return type === '' ? isUtf8(body) && !body.includes(0) : TEXT_TYPE.test(type);
}

function withLength(one: Header, body: Message['body']): Header {
  if (one.name !== 'content-length') return one;
  return { name: one.name, value: String(body.reduce((sum, { bytes }) => sum + bytes.length, 0)) };
}

/** Chunk by chunk: their times are kept. */
function piecewise({ body }: Message, change: (bytes: Uint8Array) => Uint8Array): Message['body'] {
  const pieces = body.map((chunk) => {
    const bytes = change(chunk.bytes);
    return Buffer.compare(bytes, chunk.bytes) === 0 ? chunk : { ...chunk, bytes };
  });
  return pieces.every((piece, index) => piece === body[index]) ? body : pieces;
}

/** An id may lie across two chunks of a body that did not come as a stream; of a compressed one it always lies in the whole. */
function plainBody(response: Message, change: (bytes: Uint8Array) => Uint8Array): Message['body'] {
  const [first] = response.body;
  if (first === undefined || !response.complete) return response.body;
  const encoding = (header(response.headers, 'content-encoding') ?? '').trim().toLowerCase();
  if (encoding === '' && isEventStream(response)) return piecewise(response, change);
  const encode = encoding === '' || encoding === 'identity' ? (bytes: Uint8Array) => bytes : ENCODERS[encoding];
  const raw = bodyOf(response);
  const plain = decodeContent(raw, encoding, LIMIT);
  if (typeof plain === 'string' || plain.length > LIMIT || encode === undefined) return response.body;
  const given = change(plain);
  return Buffer.compare(given, plain) === 0 ? response.body : [{ at: first.at, bytes: encode(given) }];
}
