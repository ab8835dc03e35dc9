/** The trigger over HTTP/2 with prior knowledge, as a sidecar sends it on. */
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect, constants } from 'node:http2';
import type { Exchange, Header } from '../../src/domain/exchange.ts';
import { bodyOf, header, methodOf, pathOf } from '../../src/domain/exchange.ts';
import { grpcStatusOf, isGrpc } from '../../src/domain/grpc.ts';
import { formatGrpcTimeout, parseGrpcTimeout } from '../../src/wire/grpc/timeout.ts';
import type { Answer } from '../compare/answer.ts';
import { NO_ANSWER } from '../compare/answer.ts';
import { CONNECTION_HEADERS } from '../connection-headers.ts';
import { headersFrom, headersObject } from '../node-headers.ts';
import type { TriggerOptions } from './trigger.ts';

/** Framing belongs to the connection; others are said by a pseudo header. */
const LEFT_OUT: ReadonlySet<string> = new Set([...CONNECTION_HEADERS, 'host', 'expect']);

/** A service starts cold, and a person may stop it at a breakpoint: a deadline of milliseconds would end the call before its failure. */
const LEAST_DEADLINE_MS = 3_600_000;
const DEADLINE_EXCEEDED = 4;

/** `not-http2`: the service does not speak it, and has not seen the request. */
export async function sendOverHttp2(trigger: Exchange, options: TriggerOptions): Promise<Answer | 'not-http2'> {
  const socket = await options.connect();
  const session = connect(`http://${authorityOf(trigger)}`, { createConnection: () => socket });
  const body = trigger.request === undefined ? new Uint8Array() : bodyOf(trigger.request);
  session.on('error', () => undefined); // Its streams are told as well.
  const stop = (): void => session.destroy();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    return await exchangeOn(session, trigger, body);
  } finally {
    options.signal.removeEventListener('abort', stop);
    session.destroy();
  }
}

/** What came until the stream was closed, in whatever way. */
function exchangeOn(session: ClientHttp2Session, trigger: Exchange, body: Uint8Array): Promise<Answer | 'not-http2'> {
  return new Promise((resolve) => {
    if (session.destroyed) return resolve(NO_ANSWER);
    const stream: ClientHttp2Stream = session.request(headersOf(trigger), { endStream: body.length === 0 });
    let headers: readonly Header[] | undefined;
    let trailers: readonly Header[] = [];
    const chunks: Buffer[] = [];
    stream.on('response', (_headers: unknown, _flags: number, raw: readonly string[]) => (headers = headersFrom(raw)));
    stream.on('trailers', (_headers: unknown, _flags: number, raw: readonly string[]) => (trailers = headersFrom(raw)));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    let garbled = false;
    // Anything else was cut off in the middle: what came is the answer.
    stream.on('error', (error: NodeJS.ErrnoException) => (garbled = error.code === 'ERR_HTTP2_ERROR'));
    stream.on('close', () => {
      if (headers === undefined) return resolve(garbled ? 'not-http2' : NO_ANSWER);
      const [own, rest] = [headers.filter(isPseudo), headers.filter((one) => !isPseudo(one))];
      resolve({ status: Number(header(own, ':status')), headers: rest, trailers, body: Buffer.concat(chunks) });
    });
    if (body.length > 0) stream.end(body);
  });
}

function headersOf(trigger: Exchange): OutgoingHttpHeaders {
  const recorded = trigger.request?.headers ?? [];
  const kept = recorded.filter((one) => !isPseudo(one) && !LEFT_OUT.has(one.name));
  return {
    [constants.HTTP2_HEADER_METHOD]: methodOf(trigger),
    [constants.HTTP2_HEADER_PATH]: pathOf(trigger),
    [constants.HTTP2_HEADER_SCHEME]: header(recorded, ':scheme') ?? 'http',
    [constants.HTTP2_HEADER_AUTHORITY]: authorityOf(trigger),
    ...headersObject(kept.map((one) => withTime(one, trigger))),
  };
}

/** A call that had an answer of the service gets the time to be answered again; one that ran out of time then runs out of it now. */
function withTime(one: Header, { request, response }: Exchange): Header {
  const ms = one.name === 'grpc-timeout' ? parseGrpcTimeout(one.value) : undefined;
  const isCall = isGrpc(request && header(request.headers, 'content-type'));
  if (ms === undefined || !isCall || response === undefined) return one;
  if (grpcStatusOf(response) === DEADLINE_EXCEEDED) return one;
  return { name: one.name, value: formatGrpcTimeout(Math.max(ms, LEAST_DEADLINE_MS)) };
}

function authorityOf(trigger: Exchange): string {
  return (trigger.request && header(trigger.request.headers, ':authority')) ?? 'localhost';
}

function isPseudo({ name }: Header): boolean {
  return name.startsWith(':');
}
