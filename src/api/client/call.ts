/** The API as a function of its contract, over whatever sends: undici in loopctl, fetch in a browser. Imports nothing that a browser has not. */
import type { Answers } from '../contract/answers.ts';
import { ENDPOINTS, type Endpoint, type Operation } from '../contract/endpoints.ts';
import type { InputOf } from '../contract/inputs.ts';

export type Content = Uint8Array | AsyncIterable<Uint8Array>;

export interface ApiRequest {
  readonly operation: Operation;
  readonly method: Endpoint['method'];
  /** From `/v1` on, with the query. */
  readonly path: string;
  readonly body?: { readonly kind: 'json'; readonly text: string } | { readonly kind: 'file'; readonly bytes: Content };
  readonly answers: NonNullable<Endpoint['answers']>;
}

/** Resolves with the JSON of the answer, its bytes where the endpoint answers with bytes, undefined where with nothing. Rejects with the caller's own error. */
export type Send = (request: ApiRequest) => Promise<unknown>;

export type Call = <Op extends Operation>(operation: Op, input: InputOf<Op>) => Promise<Answers[Op]>;

/** Answers are believed to be of their type: a caller that cannot trust who answers checks them in `send`. */
export function createCall(send: Send): Call {
  return async <Op extends Operation>(operation: Op, input: InputOf<Op>) =>
    (await send(requestOf(operation, input))) as Answers[Op];
}

export function requestOf<Op extends Operation>(operation: Op, input: InputOf<Op>): ApiRequest {
  const { method, path, answers = 'json' }: Endpoint = ENDPOINTS[operation];
  const rest = new Map<string, unknown>(Object.entries(input ?? {}));
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    return encodeURIComponent(textOf(value));
  });
  if (method !== 'POST') return { operation, method, path: filled + queryOf(rest), answers };
  const file = operation === 'importLoop' ? (rest.get('file') as Content) : undefined;
  if (file !== undefined) {
    // The file is the body, so the rest stands in the query.
    rest.delete('file');
    return { operation, method, path: filled + queryOf(rest), body: { kind: 'file', bytes: file }, answers };
  }
  const text = JSON.stringify(Object.fromEntries(rest));
  return { operation, method, path: filled, body: { kind: 'json', text }, answers };
}

function queryOf(values: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of values) if (value !== undefined) query.set(name, textOf(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** Lists are divided by commas. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}
