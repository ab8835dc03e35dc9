/** HTTP/1.1 peers, over plain connections or inside TLS the router has already taken off. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../../src/domain/clock.ts';
import type { Header } from '../../../src/domain/exchange.ts';
import { methodOf, pathOf } from '../../../src/domain/exchange.ts';
import type { CallLog, ReplayedCall } from '../../match/call.ts';
import type { HttpAnswer, Match } from '../../match/http/matcher.ts';
import { HttpMatcher } from '../../match/http/matcher.ts';
import { question } from '../../match/http/question.ts';
import type { Dialled, Mock } from '../mock.ts';
import { sendRecorded } from './reply.ts';

export interface HttpMockOptions {
  /** Recorded calls, in recorded order. */
  readonly answers: readonly HttpAnswer[];
  readonly log: CallLog;
  readonly clock: Clock;
  /** False once the trigger has its answer: later calls cannot have affected it. */
  readonly matters: () => boolean;
}

/** A request body beyond this is refused with 413, bytes. */
const BODY_LIMIT = 64 * 1024 * 1024;

export function createHttpMock(options: HttpMockOptions): Mock {
  const matchers = new Map<string, HttpMatcher>();
  const dialled = new WeakMap<Socket, Dialled>();
  const server: Server = createServer({ insecureHTTPParser: false, keepAliveTimeout: 0 }, (request, response) => {
    const peer = dialled.get(request.socket);
    if (peer !== undefined) void serveRequest(request, response, peer, matcherFor(peer, options, matchers), options);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return {
    protocol: 'http/1.1',
    serve(socket, peer) {
      dialled.set(socket, peer);
      socket.on('error', () => socket.destroy());
      server.emit('connection', socket);
    },
    unused: () => unusedCalls(options, matchers),
  };
}

/** One matcher per recorded peer: repeats are counted per peer, not per address. */
function matcherFor(peer: Dialled, options: HttpMockOptions, matchers: Map<string, HttpMatcher>): HttpMatcher {
  const known = matchers.get(peer.name);
  if (known !== undefined) return known;
  const answers = options.answers.filter((answer) => answer.exchange.peer.name === peer.name);
  const matcher = new HttpMatcher(answers, () => options.clock.now());
  matchers.set(peer.name, matcher);
  return matcher;
}

function unusedCalls(options: HttpMockOptions, matchers: Map<string, HttpMatcher>): readonly string[] {
  const peers = new Set(options.answers.map((answer) => answer.exchange.peer.name));
  return [...peers].flatMap((name) =>
    matcherFor({ name, address: '', port: 0 }, options, matchers)
      .unused()
      .map((exchange) => `${methodOf(exchange)} ${pathOf(exchange)} at ${name}`),
  );
}

async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  peer: Dialled,
  matcher: HttpMatcher,
  options: HttpMockOptions,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413).end();
    return;
  }
  const began = options.clock.now();
  const matters = options.matters();
  const { method = 'GET', url = '/' } = request;
  const match = matcher.match(question(method, url, headersOf(request), body));
  const outcome = match.kind === 'miss' ? sendMiss(response, match.explanation) : sendMatch(response, match);
  const ms = options.clock.now() - began;
  options.log.add({
    protocol: 'http',
    peer: `${peer.name}:${peer.port}`,
    summary: `${method} ${url}`,
    matters,
    ms,
    ...outcome,
  });
}

type Outcome = Pick<ReplayedCall, 'grade' | 'exchange' | 'source' | 'explanation'>;

const ENDINGS = {
  answered: [],
  hangs: ['no answer was recorded: the call hangs, as it did'],
  reset: ['the recorded answer was cut off: so is this one'],
} as const;

function sendMatch(
  response: ServerResponse,
  { exchange, source, grade, explanation }: Extract<Match, { kind: 'answer' }>,
): Outcome {
  const lines = [...explanation, ...ENDINGS[sendRecorded(exchange, response)]];
  return { grade, source, exchange: exchange.id, ...(lines.length > 0 && { explanation: lines }) };
}

/** 501 with a text nobody can take for an answer of the real peer. */
function sendMiss(response: ServerResponse, explanation: readonly string[]): Outcome {
  response.writeHead(501, 'Not Recorded', { 'content-type': 'text/plain; charset=utf-8', 'x-loop-miss': '1' });
  response.end(`loop replay: no recorded answer.\n${explanation.join('\n')}\n`);
  return { grade: 'missed', explanation };
}

function headersOf(request: IncomingMessage): readonly Header[] {
  const raw = request.rawHeaders;
  return Array.from({ length: raw.length / 2 }, (_, index) => ({
    name: (raw[2 * index] ?? '').toLowerCase(),
    value: raw[2 * index + 1] ?? '',
  }));
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_LIMIT) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined; // The service gave up in the middle of its own request.
  }
  return Buffer.concat(chunks);
}
