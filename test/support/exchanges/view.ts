/** One exchange as one of its witnesses saw it: its client, its service, or the recording. */
import { createHash } from 'node:crypto';
import type { Exchange, Message } from '../../../src/domain/exchange.ts';
import { bodyOf, statusOf } from '../../../src/domain/exchange.ts';

export interface Half {
  /** `name: value`, sorted by name; repeats keep their order. Without what belongs to one hop, or is added by Envoy or by a library. */
  readonly headers: readonly string[];
  readonly trailers: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
}

export interface View {
  readonly request?: Half;
  readonly status?: number;
  readonly response?: Half;
}

export type Pairs = readonly (readonly [string, string])[];

const NOT_COMPARED =
  /^(?:host|connection|keep-alive|upgrade|transfer-encoding|trailer|date|server|via|x-request-id|x-forwarded-proto|x-envoy-.*|sec-websocket-.*|te|user-agent|accept-encoding|grpc-.*encoding|:.*)$/;

export function half(headers: Pairs, body: readonly Uint8Array[], trailers: Pairs = []): Half {
  const hash = createHash('sha256');
  for (const chunk of body) hash.update(chunk);
  const bytes = body.reduce((sum, chunk) => sum + chunk.length, 0);
  return { headers: lines(headers), trailers: lines(trailers), bytes, sha256: hash.digest('hex') };
}

/** `rawHeaders` of Node: names and values take turns. */
export function pairsOf(raw: readonly string[]): Pairs {
  return Array.from(
    { length: raw.length / 2 },
    (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? ''] as const,
  );
}

/** A captured exchange in the same terms. */
export function capturedView(exchange: Exchange): View {
  const status = statusOf(exchange);
  return {
    ...(exchange.request && { request: messageHalf(exchange.request) }),
    ...(status !== undefined && { status }),
    ...(exchange.response && { response: messageHalf(exchange.response) }),
  };
}

function messageHalf(message: Message): Half {
  const pairs = (headers: Message['headers']): Pairs => headers.map(({ name, value }) => [name, value]);
  return half(pairs(message.headers), [bodyOf(message)], pairs(message.trailers));
}

function lines(pairs: Pairs): readonly string[] {
  return pairs
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !NOT_COMPARED.test(name))
    .toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)))
    .map(([name, value]) => `${name}: ${value}`);
}
