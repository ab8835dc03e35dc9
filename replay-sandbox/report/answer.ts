import { header } from '../../src/domain/exchange.ts';
import type { Answer } from '../compare/answer.ts';
import { grpcOutcome, plainBody } from '../compare/answer.ts';
import { grpcValue } from '../match/grpc.ts';
import type { ReportedAnswer } from './report.ts';

const TEXT_SHOWN = 16 * 1024;

export function reportAnswer(answer: Answer): ReportedAnswer {
  const type = header(answer.headers, 'content-type') ?? '';
  const encoded = header(answer.headers, 'content-encoding') !== undefined;
  const plain = plainBody(answer);
  // What stayed as it was could not be unpacked.
  const readable = /json|^text\/|xml|urlencoded/.test(type) && !(encoded && plain === answer.body);
  const grpc = grpcOutcome(answer);
  return {
    status: answer.status ?? null,
    bytes: answer.body.length,
    ...(grpc && { grpc, body: grpcText(answer) }),
    ...(readable && { body: Buffer.from(plain.subarray(0, TEXT_SHOWN)).toString('utf8') }),
  };
}

/** Messages by field number; empty when there is none. */
function grpcText({ headers, body }: Answer): string {
  return body.length === 0 ? '' : JSON.stringify(grpcValue(headers, body)).slice(0, TEXT_SHOWN);
}
