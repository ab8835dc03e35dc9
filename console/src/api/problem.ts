/** Why a question to loopd has no answer, for people: what, and what to do next. */
export class ApiProblem extends Error {
  /** As src/api/error.ts has them; `away`: nobody answered; `unknown`: the answer is not one of ours. */
  readonly code: string;
  readonly status: number;
  readonly hint: string | undefined;

  constructor(code: string, status: number, message: string, hint?: string) {
    super(message);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.hint = hint;
  }
}

export function away(): ApiProblem {
  return new ApiProblem('away', 0, 'loopd does not answer.', 'Is it running? This page tries again by itself.');
}

/** Reads a problem+json (RFC 9457); whatever else came is said as it is. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const { title, code, hint } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof title !== 'string') return new ApiProblem('unknown', status, `loopd answered with status ${status}.`);
  return new ApiProblem(
    typeof code === 'string' ? code : 'unknown',
    status,
    title,
    typeof hint === 'string' ? hint : undefined,
  );
}
