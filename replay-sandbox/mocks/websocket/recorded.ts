/** Recorded WebSockets of one path, and which of them a client may have meant to open. */
import type { Exchange, Header } from '../../../src/domain/exchange.ts';
import { agreedDeflate, answerOffer } from '../../../src/wire/websocket/deflate.ts';
import type { Deflate } from '../../../src/wire/websocket/deflate.ts';
import type { RecordedWebSocket } from '../../../src/wire/websocket/exchange.ts';
import { extensionsOf, isWebSocket, readWebSocket } from '../../../src/wire/websocket/exchange.ts';
import { chosenSubprotocol, subprotocols } from '../../../src/wire/websocket/handshake.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { differences } from '../../match/difference.ts';
import type { Candidate } from '../../match/http/candidate.ts';
import type { Question } from '../../match/http/question.ts';
import type { PlayableStream } from '../stream/call.ts';
import { cutOf } from '../stream/cut.ts';

export interface RecordedSocket extends PlayableStream {
  readonly candidate: Candidate;
  readonly subprotocol: string | undefined;
  readonly deflate: Deflate | undefined;
}

/** The same exchange is a candidate of every upgrade of its path. */
const READ = new WeakMap<Exchange, RecordedWebSocket>();

/** Those nothing has opened yet, in recorded order; undefined where none was recorded for the path at all. */
export function recordedSockets(candidates: readonly Candidate[]): readonly RecordedSocket[] | undefined {
  const sockets = candidates.filter(({ answer }) => isWebSocket(answer.exchange));
  if (sockets.length === 0) return undefined;
  return sockets.filter(({ served }) => served === 0).map(recordedSocket);
}

function recordedSocket(candidate: Candidate): RecordedSocket {
  const { exchange, source } = candidate.answer;
  const { request, response } = exchange;
  const { messages, faults } = read(exchange);
  return {
    candidate,
    source,
    messages,
    headers: [...(request?.headers ?? []), { name: 'query', value: JSON.stringify(candidate.asked.query) }],
    recordedAt: response?.startedAt ?? exchange.startedAt,
    subprotocol: chosenSubprotocol(response?.headers ?? []),
    deflate: agreedDeflate(extensionsOf(response)),
    cut: cutOf(exchange),
    unread: Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault !== 'truncated')),
  };
}

function read(exchange: Exchange): RecordedWebSocket {
  const known = READ.get(exchange);
  if (known !== undefined) return known;
  const { messages, faults } = readWebSocket(exchange);
  const own = { messages: messages.filter((message) => !isAnswer(message)), faults };
  READ.set(exchange, own);
  return own;
}

/** The pongs of a server: this one's are made for the pings that come now. */
function isAnswer({ side, kind }: StreamMessage): boolean {
  return side === 'server' && kind === 'pong';
}

/** What goes into the answer before it is known which of them it is: they all agree in it. */
export interface Agreed {
  readonly candidates: readonly RecordedSocket[];
  readonly subprotocol: string | undefined;
  /** Value of `sec-websocket-extensions`. */
  readonly extensions: string | undefined;
}

/** Whose query is the asked one comes first, and whose subprotocol the client offers; the others of its subprotocol may still be meant. */
export function agree(
  sockets: readonly RecordedSocket[],
  asked: Question,
  headers: readonly Header[],
  now: number,
): Agreed {
  const offered = subprotocols(headers);
  const known = sockets.filter(({ subprotocol }) => subprotocol === undefined || offered.includes(subprotocol));
  const able = known.length > 0 ? known : sockets;
  const [first] = able.toSorted((one, other) => apart(one, asked, now) - apart(other, asked, now));
  const candidates = able.filter(({ subprotocol }) => subprotocol === first?.subprotocol);
  const offer = headers.filter(({ name }) => name === 'sec-websocket-extensions').map(({ value }) => value);
  return {
    candidates,
    subprotocol:
      first?.subprotocol !== undefined && offered.includes(first.subprotocol) ? first.subprotocol : undefined,
    extensions: answerOffer(offer.join(', '), first?.deflate),
  };
}

function apart(socket: RecordedSocket, asked: Question, now: number): number {
  return unlike(socket, asked, now).filter(({ noise }) => !noise).length;
}

/** What the upgrade itself asks otherwise than it was recorded. */
export function unlike(
  { candidate, recordedAt }: RecordedSocket,
  asked: Question,
  now: number,
): ReturnType<typeof differences> {
  return differences(candidate.asked.query, asked.query, { recordedAt, now }, 'query');
}
