/** Text searched for in a body where it lies in the ring, without decoding anything. */
import { mayBeJson } from '../domain/media-type.ts';
import { findHeader } from '../wire/extproc/headers.ts';
import { createScannedMessage, scanMessage } from '../wire/extproc/scan.ts';
import { Part } from '../wire/extproc/scanned.ts';
import { peekPayloadBytes } from '../wire/segments/peek.ts';
import { isMessage, RECORD_HEADER_BYTES } from '../wire/segments/record.ts';
import type { Holding } from './holding.ts';
import type { Stream } from './streams.ts';

export interface BodyBytes {
  readonly holding: Holding;
  readonly stream: Stream;
  readonly side: 'client' | 'server';
}

const scanned = createScannedMessage();
const ASCII_ITSELF = /^(?:utf-?8|us-ascii|iso-8859-\d+|windows-125\d)$/i;
/** JSON can spell these otherwise only by their number. */
const PLAIN = /^[\w"$ .:@-]*$/;

/**
 * True when the text stands in the body, also across its messages, and when it may stand there and cannot be seen: the body is compressed, has
 * a charset in which ASCII is not itself, or has an escape that may stand for a character of the text. Without a text every body that may
 * be JSON will do.
 */
export function findInBody(body: BodyBytes, text: string | undefined): boolean {
  const [headers, bodies] =
    body.side === 'client' ? [Part.requestHeaders, Part.requestBody] : [Part.responseHeaders, Part.responseBody];
  const searches = text === undefined ? [] : [new Search(text), new Search(PLAIN.test(text) ? '\\u' : '\\')];
  for (const payload of payloadsOf(body)) {
    const message = scanMessage(payload, scanned);
    if ('fault' in message) continue;
    const { part, valueStart, valueEnd } = message;
    if (part === headers) {
      const type = findHeader(payload, valueStart, valueEnd, 'content-type');
      if (!mayBeJson(type)) return false;
      if (text === undefined || isDisguised(payload, valueStart, valueEnd)) return true;
    }
    if (part !== bodies) continue;
    const bytes = payload.subarray(valueStart, valueEnd);
    if (searches.some((search) => search.in(bytes))) return true;
  }
  return false;
}

/** One text, over pieces that may split it. */
class Search {
  readonly #wanted: Buffer;
  #carried = Buffer.alloc(0);

  constructor(text: string) {
    this.#wanted = Buffer.from(text);
  }

  in(piece: Uint8Array): boolean {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const reach = this.#wanted.length - 1;
    const seam = Buffer.concat([this.#carried, bytes.subarray(0, reach)]);
    if (bytes.includes(this.#wanted) || seam.includes(this.#wanted)) return true;
    // Of a short piece the seam has all, and what was carried so far: the text may run over several of them.
    const tail = bytes.length > reach ? bytes : seam;
    this.#carried = Buffer.from(tail.subarray(Math.max(0, tail.length - reach)));
    return false;
  }
}

/** Messages of the stream, oldest first. */
function payloadsOf({ holding, stream }: BodyBytes): readonly Uint8Array[] {
  const records: Uint8Array[] = [];
  holding.walk(stream, (position) => {
    const record = holding.ring.read(position);
    if (record !== undefined) records.push(record);
    return true;
  });
  return [...stream.pinned.map(({ bytes }) => bytes), ...records.toReversed()].flatMap(
    (record) => payloadOf(record) ?? [],
  );
}

function payloadOf(record: Uint8Array): Uint8Array | undefined {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  if (!isMessage(view, 0)) return undefined;
  return record.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + peekPayloadBytes(view, 0));
}

/** Compressed, or in another charset: what stands in it is spelled in other bytes. */
function isDisguised(payload: Uint8Array, start: number, end: number): boolean {
  const encoding = findHeader(payload, start, end, 'content-encoding') ?? '';
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') return true;
  const type = findHeader(payload, start, end, 'content-type') ?? '';
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(type)?.[1];
  return charset !== undefined && !ASCII_ITSELF.test(charset);
}
