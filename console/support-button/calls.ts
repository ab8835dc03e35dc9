/** The three questions of the button, asked from a page of another origin: no cookie, no referrer. */
import type { ButtonAnswer } from '../../src/api/contract/results.ts';
import type { Outcome } from './state.ts';

export interface Where {
  /** Of loopd, with a slash at its end. */
  readonly base: string;
  /** The reference to begin, the handle from its answer to look and to stop. */
  readonly by: string;
}

const PATIENCE_MS = 15_000;
const GONE = 410;

const QUESTIONS = {
  start: ['POST', 'v1/support/capture'],
  look: ['GET', 'v1/support/capture'],
  stop: ['POST', 'v1/support/capture/stop'],
} as const;

/** Never rejects. */
export async function ask(question: keyof typeof QUESTIONS, { base, by }: Where): Promise<Outcome> {
  const [method, path] = QUESTIONS[question];
  try {
    const response = await fetch(new URL(path, base), {
      method,
      headers: { authorization: `Bearer ${by}` },
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body: unknown = await response.json();
    if (response.ok) return isAnswer(body) ? { kind: 'answer', answer: body } : { kind: 'unreachable' };
    if (response.status === GONE) return { kind: 'expired' };
    return response.status >= 500 || response.status === 429
      ? { kind: 'unreachable' }
      : { kind: 'refused', why: whyOf(body) };
  } catch {
    return { kind: 'unreachable' };
  }
}

function isAnswer(body: unknown): body is ButtonAnswer {
  return typeof body === 'object' && body !== null && 'capture' in body && 'link' in body && 'notes' in body;
}

/** The title of a problem (RFC 9457). */
function whyOf(body: unknown): string {
  const title = typeof body === 'object' && body !== null && 'title' in body ? body.title : undefined;
  return typeof title === 'string' ? title : 'it did not say why.';
}

/** Whom a reference is about, to tell a new one of the same user from one of another. Nothing is checked here. */
export function userOf(reference: string): string {
  try {
    const claims: unknown = JSON.parse(atob((reference.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')));
    return typeof claims === 'object' && claims !== null && 'sub' in claims ? String(claims.sub) : '';
  } catch {
    return '';
  }
}
