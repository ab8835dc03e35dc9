import type { ApiRequest } from '../../../src/api/client/call.ts';
import { createCall } from '../../../src/api/client/call.ts';
import type { Answers } from '../../../src/api/contract/answers.ts';
import type { Operation } from '../../../src/api/contract/endpoints.ts';
import type { InputOf } from '../../../src/api/contract/inputs.ts';
import { away, problemOf } from './problem.ts';

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
  call<Op extends Operation>(operation: Op, input: InputOf<Op>, signal?: AbortSignal): Promise<Answers[Op]> {
    const ask = createCall(async (request) => {
      const response = await this.send(request, signal);
      return response.status === 204 ? undefined : response.json();
    });
    return ask(operation, input);
  }

  /** The answer as it comes, for bytes and events. Rejects as `call` does, also for a status that is no success. */
  async send({ method, path, body }: ApiRequest, signal?: AbortSignal, headers: HeadersInit = {}): Promise<Response> {
    const sent = new Headers(headers);
    // No page sends files.
    const text = body?.kind === 'json' ? body.text : null;
    if (text !== null) sent.set('content-type', 'application/json');
    if (method !== 'GET' && this.#csrf !== undefined) sent.set('x-loop-csrf', this.#csrf);
    const init = { method, headers: sent, credentials: 'same-origin', redirect: 'error' } as const;
    const response = await this.#fetch(path, { ...init, body: text, signal: signal ?? null }).catch(
      (error: unknown) => {
        signal?.throwIfAborted();
        throw error instanceof TypeError ? away() : error;
      },
    );
    if (response.ok) return response;
    throw problemOf(response.status, await response.json().catch(() => undefined));
  }
}
