/** A part, disguised: the same records, with tokens where somebody's data was. */
import { header } from '../../domain/exchange.ts';
import type { RecorderId } from '../../domain/ids.ts';
import { SegmentFlag, type Segment } from '../../domain/segment.ts';
import { decodeMessage, type DecodedMessage } from '../../wire/extproc/decode.ts';
import { encodeMessage } from '../../wire/extproc/encode.ts';
import { decodeHeaders, encodeHeaders } from '../../wire/extproc/headers.ts';
import { Part } from '../../wire/extproc/scanned.ts';
import { speakerOf } from '../../wire/extproc/speaker.ts';
import type { PartContent } from '../../wire/segments/part.ts';
import { encodeSegments, readRecords } from '../../wire/segments/record.ts';
import { conversationDisguise, type DisguisedConversation } from './conversations.ts';
import { describeDisguise, type Disguise } from './disguise.ts';
import { disguiseExchange } from './exchange.ts';
import { disguiseHeaders } from './headers.ts';
import { disguiseMessage } from './protobuf.ts';

/**
 * `former` are parts of the same loop that are stored already: what they hold is left out, because a body is disguised as a whole where it
 * begins. Records of kinds that this version does not know are left out as well.
 */
export function disguisePart<Content extends PartContent>(
  part: Content,
  former: readonly PartContent[],
  disguise: Disguise,
): Content {
  const known = new Set(former.flatMap(keysOf));
  // State repeats, and carries the sequence of the segment it stands in front of.
  const fresh = readRecords(part.records).segments.filter(
    (segment) => hasNoPlace(segment) || !known.has(keyOf(part.recorder, segment)),
  );
  const whole = [...former.filter(({ recorder }) => recorder === part.recorder), part];
  const protocols = protocolsIn(whole);
  const paths = pathsIn(whole);
  const streams = Map.groupBy(fresh, (segment) => segment.stream);
  const segments = [...streams].flatMap(([stream, own]) =>
    disguiseStream(own, protocols.get(stream), paths.get(stream), disguise),
  );
  return { ...part, records: encodeSegments(segments), disguised: describeDisguise(disguise) };
}

/** By stream; a stream whose beginning is nowhere has none, and cannot be placed by a reader either. */
function protocolsIn(parts: readonly PartContent[]): ReadonlyMap<number, string> {
  const opened = parts.flatMap((part) => readRecords(part.records).segments).filter(({ kind }) => kind === 'opened');
  return new Map(
    opened.flatMap(({ stream, payload }) => {
      const metadata = decodeHeaders(payload, 0, payload.length);
      return 'fault' in metadata ? [] : [[stream, speakerOf(metadata, {}).protocol] as const];
    }),
  );
}

/** By stream, where its request head is here: it is the first message. */
function pathsIn(parts: readonly PartContent[]): ReadonlyMap<number, string> {
  const first = parts.flatMap((part) => readRecords(part.records).segments).filter(isFirstMessage);
  return new Map(
    first.flatMap(({ stream, payload }) => {
      const message = decodeMessage(payload);
      const path = 'fault' in message ? undefined : header(message.headers ?? [], ':path');
      return path === undefined ? [] : [[stream, path] as const];
    }),
  );
}

/** Behind `opened`. */
function isFirstMessage({ kind, sequence }: Segment): boolean {
  return kind === 'message' && sequence === 1;
}

function keysOf(part: PartContent): readonly string[] {
  const { segments } = readRecords(part.records);
  return segments.filter((segment) => !hasNoPlace(segment)).map((segment) => keyOf(part.recorder, segment));
}

/** Its sequence is not its own. */
function hasNoPlace({ kind }: Segment): boolean {
  return kind === 'state' || kind === 'placed';
}

function keyOf(recorder: RecorderId, { stream, sequence }: Segment): string {
  return `${recorder}.${stream}.${sequence}`;
}

function disguiseStream(
  stream: readonly Segment[],
  protocol: string | undefined,
  path: string | undefined,
  disguise: Disguise,
): readonly Segment[] {
  const ordered = stream.filter(({ kind }) => kind !== 'state').toSorted((one, other) => one.sequence - other.sequence);
  const messages = ordered.filter(({ kind }) => kind === 'message');
  const others = ordered
    .filter(({ kind }) => kind !== 'message')
    .flatMap((segment) => disguiseOther(segment, disguise));
  if (protocol === 'http') return [...others, ...disguiseExchange(messages, disguise, path)];
  if (protocol === undefined) return others;
  const states = stream.filter(({ kind }) => kind === 'state');
  const connection = conversationDisguise(protocol, disguise, () => beginsMidway(states, messages));
  if (connection !== undefined) return [...others, ...disguiseConversation(connection, states, messages, disguise)];
  return [...others, ...messages.flatMap((segment) => withoutBody(segment, disguise))];
}

function disguiseOther(segment: Segment, disguise: Disguise): readonly Segment[] {
  switch (segment.kind) {
    case 'opened': {
      const headers = decodeHeaders(segment.payload, 0, segment.payload.length);
      if ('fault' in headers) return [];
      return [{ ...segment, payload: encodeHeaders(disguiseHeaders(headers, 0, disguise)) }];
    }
    case 'log':
      return [{ ...segment, payload: disguiseMessage(segment.payload, disguise) }];
    case 'ended':
    case 'gap':
    case 'placed':
      return [segment];
    case 'message':
    case 'state':
      return [];
  }
}

function disguiseConversation(
  connection: DisguisedConversation,
  states: readonly Segment[],
  messages: readonly Segment[],
  disguise: Disguise,
): readonly Segment[] {
  const state = states.map((segment) => {
    const { bytes } = connection.feed(segment.payload[0] === 1 ? 'server' : 'client', segment.payload.subarray(1));
    return { ...segment, payload: Buffer.concat([segment.payload.subarray(0, 1), bytes]) };
  });
  let expected = messages[0]?.sequence ?? 0;
  return [
    ...state,
    ...messages.map((segment) => {
      if (segment.sequence !== expected) connection.lose();
      expected = segment.sequence + 1;
      if ((segment.flags & SegmentFlag.anchor) !== 0) connection.resume();
      return disguisePiece(segment, connection, disguise);
    }),
  ];
}

function disguisePiece(segment: Segment, connection: DisguisedConversation, disguise: Disguise): Segment {
  const message = decodeMessage(segment.payload);
  if ('fault' in message) return { ...segment, payload: new Uint8Array() };
  const piece = { ...message, ...disguiseHead(message, disguise) };
  if (message.body === undefined) return { ...segment, payload: encodeMessage(piece) };
  const { bytes, found } = connection.feed(message.part === Part.requestBody ? 'client' : 'server', message.body);
  const flags = found ? segment.flags | SegmentFlag.anchor : segment.flags;
  return { ...segment, flags, payload: encodeMessage({ ...piece, body: bytes }) };
}

/** A start-up packet begins with a length below 10,000, so its first byte is 0; no message type is. */
function beginsMidway(states: readonly Segment[], messages: readonly Segment[]): boolean {
  if (states.length > 0) return false;
  for (const { payload } of messages) {
    const message = decodeMessage(payload);
    if ('fault' in message || message.body === undefined || message.body.length === 0) continue;
    return message.part !== Part.requestBody || message.body[0] !== 0;
  }
  return false;
}

/** Of a protocol that nobody here reads nothing is kept but who spoke with whom, and when. */
function withoutBody(segment: Segment, disguise: Disguise): readonly Segment[] {
  const message = decodeMessage(segment.payload);
  if ('fault' in message) return [];
  const piece = { ...message, ...disguiseHead(message, disguise) };
  return [
    { ...segment, payload: encodeMessage(message.body === undefined ? piece : { ...piece, body: new Uint8Array() }) },
  ];
}

function disguiseHead({ attributes, headers }: DecodedMessage, disguise: Disguise): Partial<DecodedMessage> {
  const shown = Object.entries(attributes).map(([name, value]) => [name, disguise.redact.text(value)] as const);
  return {
    attributes: Object.fromEntries(shown),
    ...(headers && { headers: disguiseHeaders(headers, 0, disguise) }),
  };
}
