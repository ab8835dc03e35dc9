/** What an answer holds, in a form that can be asked for its structure. */
import { header } from '../../src/domain/exchange.ts';
import { isGrpc } from '../../src/domain/grpc.ts';
import type { Answer } from '../compare/answer.ts';
import { plainBody } from '../compare/answer.ts';
import { grpcValue } from '../match/grpc.ts';
import { parseJson } from '../../src/domain/exact-json.ts';

/** `broken`: it calls itself JSON and is none. */
export type Content =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json' | 'grpc'; readonly value: unknown }
  | { readonly kind: 'broken' | 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: number };

export function contentOf(answer: Answer): Content {
  const type = header(answer.headers, 'content-type') ?? '';
  if (answer.body.length === 0) return { kind: 'empty' };
  if (isGrpc(type)) return { kind: 'grpc', value: grpcValue(answer.headers, answer.body) };
  const plain = Buffer.from(plainBody(answer));
  if (/\bjson\b/.test(type)) {
    const value = parseJson(plain.toString('utf8'));
    return value === undefined ? { kind: 'broken', text: plain.toString('utf8') } : { kind: 'json', value };
  }
  return /^text\/|xml|javascript|urlencoded/.test(type)
    ? { kind: 'text', text: plain.toString('utf8') }
    : { kind: 'bytes', bytes: plain.length };
}

/** `application/json` of `application/json; charset=utf-8`. */
export function mediaTypeOf({ headers }: Answer): string | undefined {
  const type = header(headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  // `application/grpc` means `application/grpc+proto`.
  return type === 'application/grpc+proto' ? 'application/grpc' : type;
}
