/** Sends the recorded request to the service again, in the version of HTTP it was recorded in. */
import type { Socket } from 'node:net';
import { request } from '../node-http.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Exchange } from '../../src/domain/exchange.ts';
import { bodyOf, header, methodOf, pathOf } from '../../src/domain/exchange.ts';
import { isGrpc } from '../../src/domain/grpc.ts';
import { isWebSocket } from '../../src/wire/websocket/exchange.ts';
import type { Answer } from '../compare/answer.ts';
import { NO_ANSWER } from '../compare/answer.ts';
import type { Timers } from '../mocks/stream/timers.ts';
import { CONNECTION_HEADERS } from '../connection-headers.ts';
import { headersFrom } from '../node-headers.ts';
import { sendOverHttp2 } from './trigger-http2.ts';
import { sendWebSocket } from './trigger-websocket.ts';

/** Framing belongs to the connection; `:…` pseudo headers become the request line and `host`. */
const LEFT_OUT: ReadonlySet<string> = new Set([...CONNECTION_HEADERS, 'te', 'host', 'expect']);

export interface TriggerOptions {
  readonly connect: () => Promise<Socket>;
  /** Ends the wait: the debugger may hold the service as long as it likes, so only the caller knows. */
  readonly signal: AbortSignal;
  /** A person holds the service: no deadline is kept. */
  readonly patient?: boolean;
  /** Factor on the gaps of recorded streams: 1 as recorded; by default 0, at once. */
  readonly pace?: number | undefined;
  readonly clock: Clock;
  /** By default this process's. */
  readonly timers?: Timers | undefined;
}

/** The service's answer; `status` undefined when it gave none before the signal, or cut the connection. */
export async function sendTrigger(trigger: Exchange, options: TriggerOptions): Promise<Answer> {
  if (isWebSocket(trigger)) return sendWebSocket(trigger, webSocketHeaders(trigger), options);
  if (trigger.protocol !== 'http/2') return sendOverHttp1(trigger, options);
  const answer = await sendOverHttp2(trigger, options);
  if (answer !== 'not-http2') return answer;
  // Between sidecars HTTP/2 may carry what the service gets as HTTP/1.1; gRPC never does.
  const isCall = isGrpc(trigger.request && header(trigger.request.headers, 'content-type'));
  return isCall ? NO_ANSWER : sendOverHttp1(trigger, options);
}

async function sendOverHttp1(trigger: Exchange, options: TriggerOptions): Promise<Answer> {
  const socket = await options.connect();
  const body = trigger.request === undefined ? new Uint8Array() : bodyOf(trigger.request);
  const headers = triggerHeaders(trigger, body.length);
  return new Promise((resolve) => {
    const nothing = (): void => resolve(NO_ANSWER);
    const sent = request(
      {
        createConnection: () => socket,
        method: methodOf(trigger),
        path: pathOf(trigger),
        headers,
        signal: options.signal,
      },
      (response) => {
        const chunks: Buffer[] = [];
        const done = (whole: boolean): void =>
          resolve({
            status: response.statusCode,
            headers: headersFrom(response.rawHeaders),
            trailers: headersFrom(response.rawTrailers),
            body: Buffer.concat(chunks),
            ...(!whole && { brokeOff: true }),
          });
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(response.complete));
        response.on('error', () => done(false)); // Cut off in the middle: what came is the answer.
      },
    );
    sent.on('error', nothing);
    sent.end(body);
    socket.resume();
  });
}

function triggerHeaders(trigger: Exchange, bodyBytes: number): readonly string[] {
  const recorded = trigger.request?.headers ?? [];
  const kept = recorded.filter(({ name }) => !name.startsWith(':') && !LEFT_OUT.has(name) && name !== 'content-length');
  const length =
    bodyBytes > 0 || header(recorded, 'content-length') !== undefined ? ['content-length', String(bodyBytes)] : [];
  return [
    'host',
    header(recorded, ':authority') ?? 'localhost',
    ...kept.flatMap(({ name, value }) => [name, value]),
    ...length,
    'connection',
    'close',
  ];
}

/** Those of the recorded handshake, which no connection of another version of HTTP lacks here. */
function webSocketHeaders(trigger: Exchange): readonly string[] {
  const recorded = trigger.request?.headers ?? [];
  const kept = recorded.filter(({ name }) => !name.startsWith(':') && !LEFT_OUT.has(name));
  const has = (name: string): boolean => header(kept, name) !== undefined;
  return [
    'host',
    header(recorded, ':authority') ?? 'localhost',
    ...kept.flatMap(({ name, value }) => [name, value]),
    ...(has('sec-websocket-version') ? [] : ['sec-websocket-version', '13']),
    ...(has('sec-websocket-key') ? [] : ['sec-websocket-key', 'bG9vcGN0bCByZXBsYXkhIQ==']),
  ];
}
