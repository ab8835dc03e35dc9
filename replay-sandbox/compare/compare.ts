/** The recorded answer of the trigger against the one just given. */
import { header } from '../../src/domain/exchange.ts';
import { isGrpc } from '../../src/domain/grpc.ts';
import { Bindings } from '../match/bindings.ts';
import type { Difference } from '../match/difference.ts';
import { differences } from '../match/difference.ts';
import { isKeepAlive } from '../../src/wire/stream.ts';
import { agreedDeflate } from '../../src/wire/websocket/deflate.ts';
import { WebSocketReader } from '../../src/wire/websocket/messages.ts';
import { messageValue } from '../match/stream/text.ts';
import { grpcValue } from '../match/grpc.ts';
import { parseJson } from '../../src/domain/exact-json.ts';
import type { TimeWindow } from '../../src/domain/noise.ts';
import type { Answer } from './answer.ts';
import { grpcOutcome, plainBody } from './answer.ts';

/** Nobody reads more, and two long texts may differ in every line. */
const MOST_DIFFERENCES = 500;

/** Headers a client acts on; the rest is the doing of proxies, servers and clocks. */
const HEADERS_THAT_MATTER = [
  'content-type',
  'location',
  'www-authenticate',
  'retry-after',
  'content-disposition',
  'content-language',
  'sec-websocket-protocol',
];

/** What differs, without noise, and without what `bindings` know as the same; empty when the answer was reproduced. */
export function compareAnswers(
  recorded: Answer,
  replayed: Answer,
  window: TimeWindow,
  bindings = new Bindings(),
): readonly Difference[] {
  return bindings
    .noted(answerDifferences(recorded, replayed, window))
    .filter((difference) => !difference.noise)
    .slice(0, MOST_DIFFERENCES);
}

/** The same, noise too. */
export function answerDifferences(recorded: Answer, replayed: Answer, window: TimeWindow): readonly Difference[] {
  return [
    ...differences(recorded.status, replayed.status, window, 'status'),
    ...HEADERS_THAT_MATTER.flatMap((name) =>
      differences(valueOf(recorded, name), valueOf(replayed, name), window, `headers.${name}`),
    ),
    ...differences(grpcOutcome(recorded)?.status, grpcOutcome(replayed)?.status, window, 'grpc-status'),
    ...differences(grpcMessage(recorded), grpcMessage(replayed), window, 'grpc-message'),
    ...(continues(recorded, replayed) ? [] : differences(comparable(recorded), comparable(replayed), window, 'body')),
  ];
}

/** Of an answer that was not kept to its end only the beginning can be compared. */
function continues(recorded: Answer, replayed: Answer): boolean {
  const beginning = replayed.body.subarray(0, recorded.body.length);
  return recorded.cut === true && Buffer.compare(recorded.body, beginning) === 0;
}

/** `application/grpc` means `application/grpc+proto`: servers say one in an answer and the other in trailers alone. */
function valueOf({ headers }: Answer, name: string): string | undefined {
  const value = header(headers, name);
  return name === 'content-type' ? value?.replace(/^application\/grpc\+proto\b/i, 'application/grpc') : value;
}

/** With OK there is nothing to say, and some servers say `OK`. */
function grpcMessage(answer: Answer): string | undefined {
  const outcome = grpcOutcome(answer);
  return outcome?.status === 0 ? undefined : outcome?.message;
}

/** What the service said on a WebSocket, message by message, however it was packed and cut. Pings come when they like. */
function webSocketValue({ headers, body }: Answer): unknown {
  const deflate = agreedDeflate(header(headers, 'sec-websocket-extensions'))?.server;
  const reader = new WebSocketReader({ side: 'server', deflate });
  const messages = reader.push(body, 0).filter((message) => !isKeepAlive(message));
  const said = messages.map((message) => ({
    [message.code === undefined ? message.kind : `${message.kind} ${message.code}`]: messageValue(message),
  }));
  return messages.some(({ kind }) => kind === 'close') ? said : [...said, 'no close'];
}

/** JSON and gRPC messages as values; text line by line, so that a difference names its line; the rest as hex. */
function comparable(answer: Answer): unknown {
  if (answer.status === 101) return webSocketValue(answer);
  const type = header(answer.headers, 'content-type') ?? '';
  if (isGrpc(type)) return grpcValue(answer.headers, answer.body);
  const body = Buffer.from(plainBody(answer));
  // Said to be JSON and is not: then its text is what there is to compare.
  if (/\bjson\b/.test(type)) return parseJson(body.toString('utf8')) ?? body.toString('utf8');
  return /^text\/|xml|javascript|urlencoded/.test(type) ? body.toString('utf8').split('\n') : body.toString('hex');
}
