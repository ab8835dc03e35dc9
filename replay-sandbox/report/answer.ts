import { header } from '../../src/domain/exchange.ts';
import type { Answer } from '../compare/compare.ts';
import type { ReportedAnswer } from './report.ts';

const TEXT_SHOWN = 16 * 1024;

export function reportAnswer(answer: Answer): ReportedAnswer {
  const type = header(answer.headers, 'content-type') ?? '';
  const readable = /json|^text\/|xml|urlencoded/.test(type) && header(answer.headers, 'content-encoding') === undefined;
  return {
    status: answer.status ?? null,
    bytes: answer.body.length,
    ...(readable && { body: Buffer.from(answer.body.subarray(0, TEXT_SHOWN)).toString('utf8') }),
  };
}
