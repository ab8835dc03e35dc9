/** A client asks for a WebSocket: it is answered for its own key and offers, then a recorded one is played on it. */
import type { Duplex } from 'node:stream';
import type { Exchange, Header } from '../../../src/domain/exchange.ts';
import { agreedDeflate } from '../../../src/wire/websocket/deflate.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { contentTypeOf } from '../../../src/wire/websocket/content-type.ts';
import { describeDifference } from '../../match/difference.ts';
import { question } from '../../match/http/question.ts';
import { messageValue } from '../../match/stream/text.ts';
import type { Asked, HttpPeers } from '../http/peers.ts';
import type { Dialled } from '../mock.ts';
import { StreamCall } from '../stream/call.ts';
import type { Played } from '../stream/playback.ts';
import type { Outcome, Tell } from '../stream/teller.ts';
import { teller } from '../stream/teller.ts';
import { processTimers } from '../stream/timers.ts';
import { closing, WebSocketConnection } from './connection.ts';
import type { RecordedSocket } from './recorded.ts';
import { agree, recordedSockets, unlike } from './recorded.ts';

export interface UpgradeRequest {
  readonly asked: Asked;
  readonly peer: Dialled;
  readonly peers: HttpPeers;
  /** Answers the upgrade; frames go over what it gives. */
  readonly accept: (answer: UpgradeAnswer) => Duplex;
  /** Nothing that was recorded can be meant. */
  readonly missed: (explanation: readonly string[]) => void;
  readonly reset: () => void;
  /** Bytes that came behind the upgrade. */
  readonly head: Uint8Array;
}

export interface UpgradeAnswer {
  /** The recorded one, for its headers. */
  readonly exchange: Exchange;
  readonly subprotocol: string | undefined;
  readonly extensions: string | undefined;
}

const NO_BODY = new Uint8Array(0);

/** False when no WebSocket was recorded for this path: then it is asked like any other request. */
export function playWebSocket(request: UpgradeRequest): boolean {
  const { asked, peer, peers } = request;
  const all = [...peers.recorded(peer, 'GET', asked.target), ...peers.recorded(peer, 'CONNECT', asked.target)];
  const sockets = recordedSockets(all);
  if (sockets === undefined) return false;
  const tell = teller({ protocol: 'websocket', path: asked.target, peer, options: peers.options });
  const [first] = sockets;
  if (first === undefined) {
    const explanation = ['every WebSocket that was recorded for this path is open already, or over.'];
    request.missed(explanation);
    tell({ grade: 'missed', explanation });
  } else play(request, sockets, first, tell);
  return true;
}

function play(request: UpgradeRequest, sockets: readonly RecordedSocket[], first: RecordedSocket, tell: Tell): void {
  const { peers, head } = request;
  const { clock, pace = 0, timers = processTimers } = peers.options;
  const asked = disguised(request, first);
  const wanted = question('GET', asked.target, asked.headers, NO_BODY);
  const { candidates, ...answer } = agree(sockets, wanted, asked.headers, clock.now());
  const connection = connect(request, answer, candidates[0] ?? first, () => call);
  const call: StreamCall<RecordedSocket> = new StreamCall<RecordedSocket>({
    candidates,
    headers: [...asked.headers, { name: 'query', value: JSON.stringify(wanted.query) }],
    pace,
    clock,
    timers,
    valueOf: messageValue,
    isFree: ({ candidate }) => candidate.served === 0,
    take: ({ candidate }) => (candidate.served += 1),
    chosen(socket) {
      connection.chosen(socket.messages);
      return (message) => connection.play(message);
    },
    missed() {
      closed();
      connection.close(closing(1011, 'loop replay: no recorded answer'));
      tell({ grade: 'missed', explanation: NONE_OF_THEM });
    },
    done(socket, played) {
      closed();
      tell(outcomeOf(socket, played, unlike(socket, wanted, clock.now())), played);
    },
  });
  const closed = peers.opened(call);
  connection.start(head);
  call.start();
}

const NONE_OF_THEM = ['none of the WebSockets that were recorded for this path begins with these messages.'];

/** Some clients drop what they have not read when they see the end; none saw it so soon. */
const BREAK_MS = 20;

function connect(
  request: UpgradeRequest,
  answer: Omit<UpgradeAnswer, 'exchange'>,
  first: RecordedSocket,
  call: () => StreamCall<RecordedSocket>,
): WebSocketConnection {
  const { clock, timers = processTimers } = request.peers.options;
  return new WebSocketConnection(request.accept({ ...answer, exchange: first.candidate.answer.exchange }), {
    deflate: agreedDeflate(answer.extensions),
    clock,
    reset: () => void timers.after(BREAK_MS, () => request.reset()),
    came: (message) => call().came(hide(request, first, message)),
    over: () => call().stop(),
  });
}

function outcomeOf(
  { candidate: { answer } }: RecordedSocket,
  { grade, explanation }: Played,
  apart: ReturnType<typeof unlike>,
): Outcome {
  const real = apart.filter(({ noise }) => !noise).map(describeDifference);
  const lines = [...real, ...explanation];
  const noisy = grade === 'exact' && apart.length > 0 ? 'normalised' : grade;
  return {
    grade: real.length > 0 ? 'drifted' : noisy,
    source: answer.source,
    exchange: answer.exchange.id,
    ...(lines.length > 0 && { explanation: lines }),
  };
}

/** As a recording without originals would hold it. All recorded ones are of one such recording, or none is. */
function disguised({ asked }: UpgradeRequest, { candidate }: RecordedSocket): Asked {
  const { disguise } = candidate.answer;
  return disguise === undefined ? asked : { ...asked, ...disguise.http({ ...asked, body: NO_BODY }) };
}

function hide({ asked }: UpgradeRequest, { candidate }: RecordedSocket, message: StreamMessage): StreamMessage {
  const { disguise } = candidate.answer;
  if (disguise === undefined || message.bytes.length === 0) return message;
  const headers: readonly Header[] = [{ name: 'content-type', value: contentTypeOf(message) }];
  const { body } = disguise.http({ target: asked.target, headers, body: message.bytes });
  return { ...message, bytes: body };
}
