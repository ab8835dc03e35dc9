/** The trigger over HTTP/2 with prior knowledge, as a sidecar sends it on. */
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { connect, constants } from 'node:http2';
import type { Exchange, Header } from '../../src/domain/exchange.ts';
import { bodyOf, header, methodOf, pathOf } from '../../src/domain/exchange.ts';
import type { Answer } from '../compare/answer.ts';
import { NO_ANSWER } from '../compare/answer.ts';
import { CONNECTION_HEADERS } from '../connection-headers.ts';
import { processTimers } from '../mocks/stream/timers.ts';
import { headersFrom, headersObject } from '../node-headers.ts';
import { asLeft, patienceOf, withTime } from './deadline.ts';
import type { TriggerOptions } from './trigger.ts';
import { streamTrigger } from './trigger-stream.ts';

/** Framing belongs to the connection; others are said by a pseudo header. */
const LEFT_OUT: ReadonlySet<string> = new Set([...CONNECTION_HEADERS, 'host', 'expect']);

/** `not-http2`: the service does not speak it, and has not seen the request. */
export async function sendOverHttp2(trigger: Exchange, options: TriggerOptions): Promise<Answer | 'not-http2'> {
  const socket = await options.connect();
  const session = connect(`http://${authorityOf(trigger)}`, { createConnection: () => socket });
  session.on('error', () => undefined); // Its streams are told as well.
  const stop = (): void => session.destroy();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    return await exchangeOn(session, trigger, options);
  } finally {
    options.signal.removeEventListener('abort', stop);
    session.destroy();
  }
}

/** What came until the stream was closed, in whatever way. */
function exchangeOn(
  session: ClientHttp2Session,
  trigger: Exchange,
  { patient = false, pace = 0, clock, timers = processTimers }: TriggerOptions,
): Promise<Answer | 'not-http2'> {
  const sendStream = streamTrigger(trigger, { patient, pace, clock, timers });
  const body = trigger.request === undefined ? new Uint8Array() : bodyOf(trigger.request);
  const patienceMs = patienceOf(trigger, patient);
  return new Promise((resolve) => {
    if (session.destroyed) return resolve(NO_ANSWER);
    const stream: ClientHttp2Stream = session.request(headersOf(trigger, patient), {
      endStream: sendStream === undefined && body.length === 0,
    });
    const leave = (): void => stream.close(constants.NGHTTP2_CANCEL);
    const stay = patienceMs === undefined ? undefined : timers.after(patienceMs, leave);
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
      stay?.();
      if (headers === undefined) return resolve(garbled ? 'not-http2' : NO_ANSWER);
      const [own, rest] = [headers.filter(isPseudo), headers.filter((one) => !isPseudo(one))];
      const answer = { status: Number(header(own, ':status')), headers: rest, trailers, body: Buffer.concat(chunks) };
      if (patienceMs !== undefined) return resolve(asLeft(answer));
      const broke = stream.aborted || (stream.rstCode ?? 0) !== constants.NGHTTP2_NO_ERROR;
      resolve(broke ? { ...answer, brokeOff: true } : answer);
    });
    if (sendStream !== undefined) sendStream(stream);
    else if (body.length > 0) stream.end(body);
  });
}

function headersOf(trigger: Exchange, patient: boolean): OutgoingHttpHeaders {
  const recorded = trigger.request?.headers ?? [];
  const kept = recorded.filter((one) => !isPseudo(one) && !LEFT_OUT.has(one.name));
  return {
    [constants.HTTP2_HEADER_METHOD]: methodOf(trigger),
    [constants.HTTP2_HEADER_PATH]: pathOf(trigger),
    [constants.HTTP2_HEADER_SCHEME]: header(recorded, ':scheme') ?? 'http',
    [constants.HTTP2_HEADER_AUTHORITY]: authorityOf(trigger),
    ...headersObject(kept.map((one) => withTime(one, trigger, patient))),
  };
}

function authorityOf(trigger: Exchange): string {
  return (trigger.request && header(trigger.request.headers, ':authority')) ?? 'localhost';
}

function isPseudo({ name }: Header): boolean {
  return name.startsWith(':');
}
