/** What is told of a call between two real services: what it was answered, and what of both differs from the recording. */
import type { Exchange } from '../../src/domain/exchange.ts';
import { header } from '../../src/domain/exchange.ts';
import { isGrpc } from '../../src/domain/grpc.ts';
import { isWebSocket } from '../../src/wire/websocket/exchange.ts';
import type { Answer } from '../compare/answer.ts';
import { grpcOutcome } from '../compare/answer.ts';
import { answerDifferences } from '../compare/compare.ts';
import { recordedAnswer } from '../compare/recorded.ts';
import type { Bindings } from '../match/bindings.ts';
import type { ReplayedCall } from '../match/call.ts';
import type { Difference } from '../match/difference.ts';
import { describeDifference } from '../match/difference.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { HttpMatcher, Match } from '../match/http/matcher.ts';
import { question } from '../match/http/question.ts';
import type { Asked } from '../mocks/http/peers.ts';
import type { Heard } from './heard.ts';

export interface RecordedCalls {
  readonly answers: readonly HttpAnswer[];
  readonly matcher: HttpMatcher;
  readonly bindings: Bindings;
}

export interface HeardAndFound extends Heard {
  /** What was recorded of it, where that was looked for when the question was whole. */
  readonly match?: Match | undefined;
}

type Told = Pick<ReplayedCall, 'protocol' | 'summary' | 'grade' | 'exchange' | 'explanation' | 'found'>;

const MOST_LINES = 12;

export function tellHeard(heard: HeardAndFound, recorded: RecordedCalls, now: number): Told {
  const { asked, answer, ended } = heard;
  const grpc = isGrpc(header(asked.headers, 'content-type'));
  const socket = answer.status === 101;
  const match = socket ? matchSocket(asked, recorded.matcher) : (heard.match ?? matchCall(asked, recorded.matcher));
  const exchange = match.kind === 'answer' ? match.exchange : undefined;
  return {
    protocol: grpc ? 'grpc' : socket ? 'websocket' : 'http',
    summary: grpc || socket ? asked.target : `${asked.method} ${asked.target}`,
    grade: 'real',
    ...(match.kind === 'answer' && { exchange: match.exchange.id, found: match.found }),
    explanation: [
      `${describe(answer)}${ENDINGS[ended]}`,
      ...(heard.why === undefined ? [] : [heard.why]),
      ...(match.kind === 'answer' ? askedOtherwise(match.found) : match.explanation),
      ...(exchange === undefined ? [] : against(exchange, asked, answer, recorded, now)),
    ],
  };
}

function askedOtherwise(found: readonly Difference[] = []): readonly string[] {
  const real = found.filter(({ noise }) => !noise);
  return real.map((one) => `asked otherwise than recorded: ${describeDifference(one)}`);
}

const ENDINGS: Readonly<Record<Heard['ended'], string>> = {
  whole: '',
  broken: ', and the connection broke off',
  open: ', and went on when the replay ended',
};

/** What was recorded of this question: it counts as asked. A WebSocket is none until it is answered. */
export function matchCall(asked: Asked, matcher: HttpMatcher): Match {
  const plain = question(asked.method, asked.target, asked.headers, asked.body);
  return matcher.match(plain, (disguise) => {
    const { target, headers, body } = disguise.http(asked);
    return question(asked.method, target, headers, body);
  });
}

/** Sockets of one path are taken in recorded order. */
function matchSocket({ target }: Asked, matcher: HttpMatcher): Match {
  const path = target.split('?', 1)[0] ?? target;
  const candidate = [...matcher.of('GET', path), ...matcher.of('CONNECT', path)].find(
    ({ answer, served }) => served === 0 && isWebSocket(answer.exchange),
  );
  if (candidate === undefined) return { kind: 'miss', explanation: ['no WebSocket of this path was recorded.'] };
  candidate.served += 1;
  const { exchange, source } = candidate.answer;
  return { kind: 'answer', exchange, source, grade: 'exact', explanation: [] };
}

function describe(answer: Answer): string {
  if (answer.status === undefined) return 'no answer';
  const outcome = grpcOutcome(answer);
  return outcome === undefined ? `answered ${answer.status}` : `answered grpc ${outcome.status} ${outcome.name}`;
}

function against(
  exchange: Exchange,
  { target }: Asked,
  answer: Answer,
  { answers, bindings }: RecordedCalls,
  now: number,
): readonly string[] {
  const disguise = answers.find((one) => one.exchange.id === exchange.id)?.disguise;
  const { headers, body } = answer;
  const seen =
    disguise === undefined
      ? answer
      : { ...answer, body: disguise.http({ target, headers, body, side: 'output' }).body };
  // Of what was not kept whole only the head can be compared.
  const recorded = recordedAnswer(exchange);
  const window = { recordedAt: exchange.startedAt, now };
  const all = answerDifferences(seen.cut === true ? { ...recorded, body: seen.body } : recorded, seen, window);
  const found = bindings.noted(all).filter(({ noise }) => !noise);
  // Whoever was answered asks of the new ones.
  bindings.bind(all);
  if (found.length === 0) return ['answered as recorded'];
  const lines = found.slice(0, MOST_LINES).map(line);
  return found.length > MOST_LINES ? [...lines, `and ${found.length - MOST_LINES} more differences`] : lines;
}

function line({ where, recorded, asked }: Difference): string {
  return `${where}: recorded ${shown(recorded)}, now ${shown(asked)}`;
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return text.length > 80 ? `${JSON.stringify(text.slice(0, 77))}…` : JSON.stringify(text);
}
