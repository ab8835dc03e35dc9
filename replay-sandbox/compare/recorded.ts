/** A recorded answer, in the form answers are compared in. */
import type { Exchange } from '../../src/domain/exchange.ts';
import { bodyOf, statusOf } from '../../src/domain/exchange.ts';
import type { Answer } from './answer.ts';
import { NO_ANSWER } from './answer.ts';

export function recordedAnswer(exchange: Exchange): Answer {
  const { response } = exchange;
  if (response === undefined) return NO_ANSWER;
  const { headers, trailers } = response;
  const cut = exchange.gaps.some(({ side }) => side === 'server');
  return { status: statusOf(exchange), headers, trailers, body: bodyOf(response), ...(cut && { cut }) };
}
