/** The segments of one stream → an exchange. */
import type { Chunk, Exchange, Header, Message, Peer, Vantage } from '../domain/exchange.ts';
import { splitAuthority } from '../domain/authority.ts';
import { header } from '../domain/exchange.ts';
import type { EndReason, Gap } from '../domain/segment.ts';
import type { DecodedMessage } from '../wire/extproc/decode.ts';
import { decodeMessage } from '../wire/extproc/decode.ts';
import { brokeOffAt } from '../wire/extproc/end.ts';
import { flagNames } from '../wire/extproc/flags.ts';
import { Part } from '../wire/extproc/scanned.ts';
import { decodeEnd, decodeGap } from '../wire/segments/record.ts';
import { requestIdOf, traceContextOf } from '../wire/tracecontext/identity.ts';
import type { TimedEntry } from './logged.ts';
import { loggedAnswer, readEntry, startOf, withLogged } from './logged.ts';
import type { RecordedStream } from './streams.ts';

/** One decoded message and when it came. `lostBefore`: records are missing just before it. */
export interface TimedMessage {
  readonly at: number;
  readonly message: DecodedMessage;
  readonly lostBefore: boolean;
  readonly openInbound: number;
  readonly owner: number;
  readonly anchor: boolean;
}

/** What all segments of a stream say, whether it is an exchange or a conversation. */
export interface StreamContent {
  readonly messages: readonly TimedMessage[];
  readonly gaps: readonly Gap[];
  /** What the access log said of it. */
  readonly logged?: TimedEntry;
  readonly end: EndReason | 'open';
  /** When its call ended. */
  readonly closedAt?: number;
  readonly endedAt: number;
  /** Segments that should be there by their numbers and are not, and messages that could not be read. */
  readonly lost: number;
}

export function buildExchange(
  stream: RecordedStream,
  content: StreamContent,
  vantage: Vantage,
  metadata: readonly Header[],
): Exchange {
  const { logged } = content;
  const request = buildMessage(content, REQUEST);
  const response = buildMessage(content, RESPONSE) ?? (logged && loggedAnswer(logged));
  const attributes = withLogged(
    Object.fromEntries(content.messages.flatMap(({ message }) => Object.entries(message.attributes))),
    logged,
  );
  const details = attributes['response.code_details'];
  return {
    kind: 'exchange',
    id: stream.id,
    vantage,
    peer: peerOf(request, attributes, vantage),
    protocol: (attributes['request.protocol'] ?? 'http/1.1').toLowerCase(),
    ...identityOf([...(request?.headers ?? []), ...(logged?.entry.requestHeaders ?? [])], metadata, attributes),
    ...(request && { request }),
    ...(response && { response }),
    ...timesOf(stream, content, response),
    end: content.end === 'open' && logged !== undefined ? 'closed' : content.end,
    ...(response?.complete !== true && breakOf(content)),
    flags: flagNames(Number(attributes['response.flags'] ?? 0)),
    ...(details && { details }),
    ...(logged && { logged: true }),
    attributes,
    gaps: content.gaps,
  };
}

/**
 * Envoy holds a call open for a while after the exchange: its last message is the end of what happened, unless it broke off and the access
 * log tells how long it took.
 */
function timesOf(
  stream: RecordedStream,
  { messages, logged, endedAt }: StreamContent,
  response: Message | undefined,
): Pick<Exchange, 'startedAt' | 'endedAt'> {
  const last = messages.at(-1)?.at;
  if (logged !== undefined && last === undefined) {
    const startedAt = startOf(logged);
    return { startedAt, endedAt: startedAt + logged.entry.durationMs };
  }
  const startedAt = stream.segments[0]?.at ?? 0;
  if (logged === undefined || response?.complete === true) return { startedAt, endedAt: last ?? endedAt };
  return { startedAt, endedAt: Math.max(last ?? startedAt, startedAt + logged.entry.durationMs) };
}

function breakOf({ messages, closedAt }: StreamContent): Pick<Exchange, 'brokeOffAt'> {
  const last = messages.at(-1);
  return closedAt && last ? { brokeOffAt: brokeOffAt(closedAt, last.message.observabilityMode) } : {};
}

/** The request's own context, else the one of the capturing call, which Envoy's tracer gave it. */
function identityOf(
  headers: readonly Header[],
  metadata: readonly Header[],
  attributes: Readonly<Record<string, string>>,
): Pick<Exchange, 'trace' | 'requestId'> {
  const trace = traceContextOf(headers) ?? traceContextOf(metadata);
  const requestId = requestIdOf(headers) ?? attributes['request.id'];
  return { ...(trace && { trace }), ...(requestId && { requestId }) };
}

interface Side {
  readonly headers: Part;
  readonly body: Part;
  readonly trailers: Part;
  readonly gaps: Gap['side'];
}

const REQUEST: Side = {
  headers: Part.requestHeaders,
  body: Part.requestBody,
  trailers: Part.requestTrailers,
  gaps: 'client',
};
const RESPONSE: Side = {
  headers: Part.responseHeaders,
  body: Part.responseBody,
  trailers: Part.responseTrailers,
  gaps: 'server',
};

function buildMessage(content: StreamContent, side: Side): Message | undefined {
  const own = content.messages.filter(
    ({ message: { part } }) => part === side.headers || part === side.body || part === side.trailers,
  );
  const cut = content.gaps.some((gap) => gap.side === side.gaps);
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const of = (part: Part) => own.filter(({ message }) => message.part === part);
  const body: readonly Chunk[] = of(side.body).flatMap(({ at, message }) =>
    message.body === undefined || message.body.length === 0 ? [] : [{ at, bytes: message.body }],
  );
  const lost = own.some((timed) => timed.lostBefore);
  return {
    headers: of(side.headers)[0]?.message.headers ?? [],
    body,
    trailers: of(side.trailers)[0]?.message.headers ?? [],
    startedAt: first.at,
    endedAt: last.at,
    complete: last.message.endOfStream && !lost && !cut,
  };
}

function peerOf(request: Message | undefined, attributes: Readonly<Record<string, string>>, vantage: Vantage): Peer {
  const authority = (request && header(request.headers, ':authority')) ?? attributes['request.host'] ?? '';
  const address = attributes['upstream.address'];
  if (vantage.direction === 'inbound')
    return { name: attributes['source.address'] ?? 'unknown', ...(address && { address }) };
  return {
    ...splitAuthority(authority, attributes['xds.cluster_name'], defaultPort(request)),
    ...(address && { address }),
  };
}

function defaultPort(request: Message | undefined): number {
  return request !== undefined && header(request.headers, ':scheme') === 'https' ? 443 : 80;
}

export function readContent(stream: RecordedStream): StreamContent {
  const messages: TimedMessage[] = [];
  const gaps: Gap[] = [];
  let end: EndReason | 'open' = 'open';
  let closedAt: number | undefined;
  let lost = 0;
  let expected = 0;
  for (const segment of stream.segments) {
    const missing = segment.sequence - expected;
    expected = segment.sequence + 1;
    lost += missing;
    if (segment.kind === 'ended') {
      end = decodeEnd(segment.payload);
      closedAt = segment.at;
    }
    if (segment.kind === 'gap') gaps.push(decodeGap(segment.payload));
    if (segment.kind !== 'message') continue;
    const message = decodeMessage(segment.payload);
    if ('fault' in message) lost += 1;
    else
      messages.push({
        at: segment.at,
        message,
        lostBefore: missing > 0,
        openInbound: segment.openInbound,
        owner: segment.owner,
        anchor: (segment.flags & 1) !== 0,
      });
  }
  const logged = readEntry(stream.segments);
  const endedAt = stream.segments.findLast(({ kind }) => kind !== 'log')?.at ?? 0;
  return { messages, gaps, ...(logged && { logged }), end, ...(closedAt && { closedAt }), endedAt, lost };
}
