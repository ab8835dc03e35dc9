import type { FastifyReply } from 'fastify';
import type { Problem } from '../contract/problem.ts';
import { ApiError, STATUS_OF } from '../error.ts';

export function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const known = error instanceof ApiError ? error : fromFastify(error);
  const status = STATUS_OF[known.code];
  const problem: Problem = {
    type: 'about:blank',
    title: known.message,
    status,
    code: known.code,
    ...(known.hint !== undefined && { hint: known.hint }),
  };
  return reply.code(status).type('application/problem+json').send(problem);
}

/** Its own refusals (a body too large, broken JSON) have a status below 500; anything else is ours. */
function fromFastify(error: unknown): ApiError {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const message = error instanceof Error ? error.message : String(error);
  return status < 500
    ? new ApiError('invalid', message)
    : new ApiError('failed', 'Something failed that should not.', 'Please report it, with what you did.', {
        cause: error,
      });
}
