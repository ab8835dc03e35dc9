/** A recorded gRPC exchange as a stream: messages and marks of both sides with their times. */
import type { Exchange, Header, Message } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';
import { isClientGone } from '../../domain/flags.ts';
import { grpcStatusName, grpcStatusOf } from '../../domain/grpc.ts';
import type { StreamMessage, StreamSide } from '../stream.ts';
import { isContent, mergeStream } from '../stream.ts';
import { GrpcReader } from './reader.ts';

export interface RecordedGrpcStream {
  /** Of both sides, in order. */
  readonly messages: readonly StreamMessage[];
  /** The client said that it was done, also when it left in the same breath and only that is among the messages. */
  readonly closed: boolean;
  /** The recording lacks the rest of what this side sent. */
  readonly cut: Readonly<Record<StreamSide, boolean>>;
}

/** Of one side, after decompression: a recorded body is small, what it unfolds to need not be. */
const BUDGET = 64 * 1024 * 1024;

/** Never throws. */
export function readGrpcStream(exchange: Exchange): RecordedGrpcStream {
  const cut = { client: isCut(exchange, 'client'), server: isCut(exchange, 'server') };
  const { request, response } = exchange;
  const client = request === undefined ? [] : content(request, 'client', cut.client);
  const server = response === undefined ? [] : [...headOf(response), ...content(response, 'server', cut.server)];
  const ends = endsOf(exchange);
  const of = (side: StreamSide) => ends.filter((one) => one.side === side && one.kind !== 'reset');
  const merged = [
    ...mergeStream([...client, ...of('client')], [...server, ...of('server')]),
    // Whatever clock says so: behind it nothing was said.
    ...ends.filter(({ kind }) => kind === 'reset'),
  ];
  const messages = merged.filter((message, index) => !isPartOfLeaving(message, merged[index + 1]));
  return { messages, closed: request?.complete === true, cut };
}

/** Some clients end before they reset, in one breath. */
function isPartOfLeaving({ side, kind }: StreamMessage, next: StreamMessage | undefined): boolean {
  return side === 'client' && kind === 'half-close' && next?.side === 'client' && next.kind === 'reset';
}

/**
 * More than one question and one answer: several messages of a side, one and the beginning of another that was not kept, an answer or its head before the question was over, or an end without
 * either. What looks like one call may be a stream too; its neighbours on the same path tell.
 */
export function isGrpcStream({ messages, closed, cut }: RecordedGrpcStream): boolean {
  const count = (side: StreamSide): number =>
    messages.filter((message) => message.side === side && isContent(message)).length;
  const begun = messages.findIndex(({ side }) => side === 'server');
  const closedAt = messages.findIndex(({ side, kind }) => side === 'client' && kind === 'half-close');
  const early = begun >= 0 && (closedAt < 0 || begun < closedAt);
  const answers = count('server') + (cut.server ? 1 : 0);
  return count('client') !== 1 || answers > 1 || (!cut.client && (!closed || early));
}

/** Unix ms at which each message of a side had come. */
export function messageTimes({ messages }: RecordedGrpcStream, side: StreamSide): readonly number[] {
  return messages.filter((message) => message.side === side && isContent(message)).map(({ at }) => at);
}

function isCut({ gaps }: Exchange, side: StreamSide): boolean {
  return gaps.some((gap) => gap.side === side);
}

function content(message: Message, side: StreamSide, cut: boolean): readonly StreamMessage[] {
  const reader = new GrpcReader({ side, encoding: header(message.headers, 'grpc-encoding'), budget: BUDGET });
  const messages = message.body.flatMap(({ at, bytes }) => reader.push(bytes, at));
  // Half a message where the recording ends is no half message of the sender.
  return cut ? messages : [...messages, ...reader.end(message.endedAt)];
}

/** An answer that is nothing but its headers says them at its end. */
function headOf(response: Message): readonly StreamMessage[] {
  if (isBare(response)) return [];
  const { headers, startedAt } = response;
  return [{ side: 'server', at: startedAt, kind: 'head', bytes: new Uint8Array(), headers, summary: 'head' }];
}

function isBare({ body, trailers, complete }: Message): boolean {
  return complete && body.length === 0 && trailers.length === 0;
}

function endsOf(exchange: Exchange): readonly StreamMessage[] {
  const { request, response, end } = exchange;
  const closed = request?.complete === true ? [mark('client', 'half-close', request.endedAt)] : [];
  if (response !== undefined && (response.complete || response.trailers.length > 0))
    return [...closed, serverEnd(response)];
  // When it broke off is told by the end of its call, less what Envoy holds that open: never before what was said.
  const said = [request, response].flatMap((message) => (message === undefined ? [] : [message.endedAt]));
  const brokeOff = Math.max(exchange.brokeOffAt ?? exchange.endedAt, ...said);
  if (isClientGone(exchange)) return [...closed, mark('client', 'reset', brokeOff)];
  // It was still open when it was copied, or nobody knows: it stays open.
  return response === undefined || end === 'open' ? closed : [...closed, mark('server', 'reset', brokeOff)];
}

function serverEnd(response: Message): StreamMessage {
  const headers: readonly Header[] = isBare(response) ? response.headers : response.trailers;
  const code = grpcStatusOf(response);
  if (headers.length === 0) return mark('server', 'half-close', response.endedAt);
  const status = code === undefined ? '' : ` ${code} ${grpcStatusName(code)}`;
  const plain = mark('server', 'trailers', response.endedAt);
  return { ...plain, headers, summary: `trailers${status}`, ...(code !== undefined && { code }) };
}

function mark(side: StreamSide, kind: 'half-close' | 'reset' | 'trailers', at: number): StreamMessage {
  return { side, at, kind, bytes: new Uint8Array(), summary: kind };
}
