import type { Operation } from '../../../src/api/contract/endpoints.ts';
import { ENDPOINTS } from '../../../src/api/contract/endpoints.ts';
import type { AnswerOf } from './answers.ts';
import { away, problemOf } from './problem.ts';
import type { Input, Request } from './request.ts';
import { requestOf } from './request.ts';

/** loopd, asked from the page it came with: the cookie says who asks, `csrf` that it was this page. */
export class Client {
  readonly #fetch: typeof fetch;
  #csrf: string | undefined;

  constructor(send: typeof fetch) {
    this.#fetch = send;
  }

  /** Of the session; to be set whenever one begins. */
  set csrf(csrf: string | undefined) {
    this.#csrf = csrf;
  }

  /** Rejects with ApiProblem, or with the signal's reason. */
  async call<Op extends Operation>(operation: Op, input: Input = {}, signal?: AbortSignal): Promise<AnswerOf<Op>> {
    const response = await this.send(requestOf(ENDPOINTS[operation], input), signal);
    if (response.status === 204) return undefined as AnswerOf<Op>;
    return (await response.json()) as AnswerOf<Op>;
  }

  /** The answer as it comes, for bytes and events. Rejects as `call` does, also for a status that is no success. */
  async send({ method, url, body }: Request, signal?: AbortSignal, headers: HeadersInit = {}): Promise<Response> {
    const sent = new Headers(headers);
    if (body !== undefined) sent.set('content-type', 'application/json');
    if (method !== 'GET' && this.#csrf !== undefined) sent.set('x-loop-csrf', this.#csrf);
    const init = { method, headers: sent, credentials: 'same-origin', redirect: 'error' } as const;
    const response = await this.#fetch(url, { ...init, body: body ?? null, signal: signal ?? null }).catch(
      (error: unknown) => {
        signal?.throwIfAborted();
        throw error instanceof TypeError ? away() : error;
      },
    );
    if (response.ok) return response;
    throw problemOf(response.status, await response.json().catch(() => undefined));
  }
}
