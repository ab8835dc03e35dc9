/** gRPC streams over HTTP/2: messages as they come, recorded ones when they are due. */
import type { ServerHttp2Stream } from 'node:http2';
import type { Exchange, Header } from '../../../src/domain/exchange.ts';
import { header } from '../../../src/domain/exchange.ts';
import { isGrpc } from '../../../src/domain/grpc.ts';
import { readGrpcStream, isGrpcStream } from '../../../src/wire/grpc/exchange.ts';
import { encodeGrpcFrame } from '../../../src/wire/grpc/framing.ts';
import { GrpcReader } from '../../../src/wire/grpc/reader.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { grpcMessageValue } from '../../match/grpc.ts';
import type { Candidate } from '../../match/http/candidate.ts';
import type { HttpPeers } from '../http/peers.ts';
import type { Dialled } from '../mock.ts';
import type { PlayableStream } from '../stream/call.ts';
import { StreamCall } from '../stream/call.ts';
import { teller } from '../stream/teller.ts';
import type { Timers } from '../stream/timers.ts';
import { processTimers } from '../stream/timers.ts';
import { GrpcStreamWriter } from './grpc-writer.ts';
import { sendGrpcMiss } from './reply.ts';

export interface GrpcStreamRequest {
  readonly stream: ServerHttp2Stream;
  readonly headers: readonly Header[];
  readonly peer: Dialled;
  readonly peers: HttpPeers;
}

interface RecordedCall extends PlayableStream {
  readonly candidate: Candidate;
}

/** False when calls of this path are no streams, and nothing was read. */
export function playGrpcStream(request: GrpcStreamRequest): boolean {
  const { headers, peer, peers } = request;
  if (!isGrpc(header(headers, 'content-type'))) return false;
  const method = header(headers, ':method') ?? 'POST';
  const candidates = peers.recorded(peer, method, header(headers, ':path') ?? '/');
  const read = candidates.map((candidate) => ({ candidate, stream: streamOf(candidate.answer.exchange) }));
  if (!read.some(({ stream }) => isGrpcStream(stream))) return false;
  const open = read.filter(({ candidate }) => candidate.served === 0);
  play(
    request,
    open.map(({ candidate, stream }) => ({
      ...stream,
      candidate,
      source: candidate.answer.source,
      headers: candidate.answer.exchange.request?.headers ?? [],
      recordedAt: candidate.answer.exchange.startedAt,
    })),
    candidates.length,
  );
  return true;
}

/** The same exchange is a candidate of every call of its path. */
const READ = new WeakMap<Exchange, ReturnType<typeof readGrpcStream>>();

function streamOf(exchange: Exchange): ReturnType<typeof readGrpcStream> {
  const read = READ.get(exchange) ?? readGrpcStream(exchange);
  READ.set(exchange, read);
  return read;
}

function play(request: GrpcStreamRequest, candidates: readonly RecordedCall[], recorded: number): void {
  const { stream, headers, peers } = request;
  const { clock, pace = 0, timers = processTimers } = peers.options;
  const path = header(headers, ':path') ?? '/';
  const tell = teller({ protocol: 'grpc', path, peer: request.peer, options: peers.options });
  const valueOf = grpcMessageValue(headers);
  const call = new StreamCall<RecordedCall>({
    candidates,
    headers,
    pace,
    clock,
    timers,
    valueOf: ({ bytes }) => valueOf(bytes),
    isFree: ({ candidate }) => candidate.served === 0,
    take: ({ candidate }) => (candidate.served += 1),
    chosen({ candidate }) {
      const writer = new GrpcStreamWriter(stream, candidate.answer.exchange);
      return (message) => writer.write(message);
    },
    missed() {
      closed();
      const explanation = missOf(candidates.length, recorded);
      sendGrpcMiss(explanation, stream);
      tell({ grade: 'missed', explanation });
    },
    done({ candidate: { answer } }, played) {
      closed();
      const { grade, explanation } = played;
      const from = { grade, source: answer.source, exchange: answer.exchange.id };
      tell({ ...from, ...(explanation.length > 0 && { explanation }) }, played);
    },
  });
  const closed = peers.opened(call);
  const disguised = disguiser(request, candidates);
  const came = (message: StreamMessage): void => call.came(disguised(message));
  feed(stream, headers, { now: () => clock.now(), timers }, came);
  call.start();
}

function missOf(left: number, recorded: number): readonly string[] {
  const calls = recorded === 1 ? 'one call' : `${recorded} calls`;
  return left === 0
    ? [`${calls} of this path were recorded, and all are taken.`]
    : [`${calls} of this path were recorded; none of those that are left begins with these messages.`];
}

/** A client in Node that leaves says its end first, and its reset a moment later. */
const RESET_MS = 4;

/** What comes is compared and let go: nothing of a stream is held but a message that is not whole yet. */
function feed(
  stream: ServerHttp2Stream,
  headers: readonly Header[],
  { now, timers }: { readonly now: () => number; readonly timers: Timers },
  came: (message: StreamMessage) => void,
): void {
  const reader = new GrpcReader({ side: 'client', encoding: header(headers, 'grpc-encoding') });
  const mark = (kind: 'half-close' | 'reset'): StreamMessage => ({
    side: 'client',
    at: now(),
    kind,
    bytes: new Uint8Array(),
    summary: kind,
  });
  stream.on('data', (chunk: Buffer) => reader.push(chunk, now()).forEach(came));
  stream.on('end', () => {
    timers.after(RESET_MS, () => {
      if (stream.aborted || stream.closed) return;
      reader.end(now()).forEach(came);
      came(mark('half-close'));
    });
  });
  stream.on('close', () => came(mark('reset')));
}

/** As a recording without originals would hold it. All candidates are of one such recording, or none is. */
function disguiser({ headers }: GrpcStreamRequest, candidates: readonly RecordedCall[]) {
  const disguise = candidates.map(({ candidate }) => candidate.answer.disguise).find((one) => one !== undefined);
  const plain = headers.filter(({ name }) => name !== 'grpc-encoding');
  const target = header(headers, ':path') ?? '/';
  return (message: StreamMessage): StreamMessage => {
    if (disguise === undefined || message.kind !== 'message') return message;
    const framed = encodeGrpcFrame({ compressed: false, bytes: message.bytes });
    const { body } = disguise.http({ target, headers: plain, body: framed });
    const [hidden] = new GrpcReader({ side: 'client', encoding: undefined }).push(body, message.at);
    return hidden?.kind === 'message' ? { ...message, bytes: hidden.bytes } : message;
  };
}
