/** The segments of one HTTP exchange, disguised. A body becomes one piece, where its first piece was: secrets lie across pieces. Messages of a stream stay where they were. */
import type { Header } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';
import { isGrpc } from '../../domain/grpc.ts';
import type { Segment } from '../../domain/segment.ts';
import { decodeMessage, type DecodedMessage } from '../../wire/extproc/decode.ts';
import { encodeMessage } from '../../wire/extproc/encode.ts';
import { Part } from '../../wire/extproc/scanned.ts';
import { disguiseBody, type BodyPlace } from './body.ts';
import type { Disguise } from './disguise.ts';
import { wholeMessages } from './grpc-pieces.ts';
import { disguiseHeaders } from './headers.ts';
import { disguiseWebSocket, isUpgrade, type Upgrade } from './websocket.ts';

interface Side {
  readonly name: BodyPlace['side'];
  readonly headers: Part;
  readonly body: Part;
  readonly trailers: Part;
}

const SIDES: readonly Side[] = [
  { name: 'input', headers: Part.requestHeaders, body: Part.requestBody, trailers: Part.requestTrailers },
  { name: 'output', headers: Part.responseHeaders, body: Part.responseBody, trailers: Part.responseTrailers },
];

interface Read {
  readonly segment: Segment;
  readonly message: DecodedMessage;
}

/** `segments` are the `message` segments of a stream, in sequence. What cannot be read is left out. `path`: where its request head has one. */
export function disguiseExchange(
  segments: readonly Segment[],
  disguise: Disguise,
  path: string | undefined,
): readonly Segment[] {
  const read = segments.flatMap((segment): Read[] => {
    const message = decodeMessage(segment.payload);
    return 'fault' in message ? [] : [{ segment, message }];
  });
  const upgrade = { asked: headOf(read, Part.requestHeaders), answered: headOf(read, Part.responseHeaders) };
  if (isUpgrade(upgrade)) return SIDES.flatMap((side) => disguiseFrames(read, side, upgrade, disguise));
  return SIDES.flatMap((side) =>
    disguiseSide(read, side, disguise, path === undefined ? undefined : { path, side: side.name }),
  );
}

function headOf(read: readonly Read[], part: Part): readonly Header[] {
  return read.find(({ message }) => message.part === part)?.message.headers ?? [];
}

function disguiseFrames(read: readonly Read[], side: Side, upgrade: Upgrade, disguise: Disguise): readonly Segment[] {
  const own = read.filter(({ message: { part } }) => part === side.headers || part === side.body);
  const bodies = own.flatMap(({ message: { part, body } }) => (part === side.body ? [body ?? new Uint8Array()] : []));
  const pieces = [...disguiseWebSocket(bodies, side.name === 'input' ? 'client' : 'server', upgrade, disguise)];
  return own.map(({ segment, message }) => {
    const attributes = disguiseAttributes(message.attributes, disguise);
    const shown =
      message.part === side.body
        ? { ...message, attributes, body: pieces.shift() ?? new Uint8Array() }
        : { ...message, attributes, headers: disguiseHeaders(message.headers ?? [], 0, disguise) };
    return { ...segment, payload: encodeMessage(shown) };
  });
}

function disguiseSide(
  read: readonly Read[],
  side: Side,
  disguise: Disguise,
  place: BodyPlace | undefined,
): readonly Segment[] {
  const own = read.filter(
    ({ message: { part } }) => part === side.headers || part === side.body || part === side.trailers,
  );
  const headers = own.find(({ message }) => message.part === side.headers)?.message.headers;
  const bodies = own.flatMap(({ message }) => (message.part === side.body ? [message.body ?? new Uint8Array()] : []));
  const disguised = [...disguiseBodies(bodies, headers, disguise, place)];
  const growth = sizeOf(disguised) - sizeOf(bodies);
  return own.map(({ segment, message }) => {
    const attributes = disguiseAttributes(message.attributes, disguise);
    if (message.part !== side.body) {
      const added = message.part === side.headers ? growth : 0;
      const shown = disguiseHeaders(message.headers ?? [], added, disguise);
      return { ...segment, payload: encodeMessage({ ...message, attributes, headers: shown }) };
    }
    const piece = disguised.shift() ?? new Uint8Array();
    return { ...segment, payload: encodeMessage({ ...message, attributes, body: piece }) };
  });
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** The messages of a gRPC call each where it was. */
function disguiseBodies(
  bodies: readonly Uint8Array[],
  headers: readonly Header[] | undefined,
  disguise: Disguise,
  place: BodyPlace | undefined,
): readonly Uint8Array[] {
  const isCall = headers !== undefined && isGrpc(header(headers, 'content-type'));
  if (isCall) return wholeMessages(bodies).map((piece) => bodyOf(piece, headers, disguise, place));
  return bodies.length === 0 ? [] : [bodyOf(Buffer.concat(bodies), headers, disguise, place)];
}

/** The rest of a body whose beginning lies in another part: in the middle of a text nobody can tell what is secret. */
function bodyOf(
  body: Uint8Array,
  headers: readonly Header[] | undefined,
  disguise: Disguise,
  place: BodyPlace | undefined,
): Uint8Array {
  return headers === undefined ? disguise.opaque(body) : disguiseBody(body, headers, disguise, place);
}

function disguiseAttributes(
  attributes: DecodedMessage['attributes'],
  { redact }: Disguise,
): DecodedMessage['attributes'] {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, redact.text(value)]));
}
