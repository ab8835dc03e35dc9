/** Errors that pass through: the caller's answer quotes what the call was answered. */
import type { Exchange, Message } from '../../domain/exchange.ts';
import { bodyOf, header } from '../../domain/exchange.ts';
import { rawGrpcMessageOf } from '../../domain/grpc.ts';
import { normalise } from './value.ts';

/** Shorter texts are in many answers. Characters. */
const SHORTEST = 10;
/** An error says what it is in its first part. Bytes. */
const READ = 4 * 1024;

/** What an answer says went wrong, lower-case; undefined when it says nothing readable. */
function errorText({ response }: Exchange): string | undefined {
  if (response === undefined) return undefined;
  const grpc = rawGrpcMessageOf(response);
  return grpc === undefined ? bodyText(response) : normalise(grpc.replaceAll('%20', ' '));
}

function bodyText(response: Message): string | undefined {
  if (!/json|text/.test(header(response.headers, 'content-type') ?? '')) return undefined;
  if (header(response.headers, 'content-encoding') !== undefined) return undefined;
  const text = Buffer.from(bodyOf(response).subarray(0, READ)).toString('utf8');
  return normalise(text.replaceAll('\\', ''));
}

/** Texts inside quotes, longest first; the whole when there is none. */
function sentences(text: string): readonly string[] {
  const quoted = [...text.matchAll(/"([^"]*)"/g)].map(([, inside = '']) => inside);
  return [...quoted, text].filter((one) => one.length >= SHORTEST).toSorted((one, other) => other.length - one.length);
}

/** Whether the caller's error has a sentence of the call's in it. */
export function quotes(caller: Exchange, call: Exchange): boolean {
  const [said, told] = [errorText(caller), errorText(call)];
  return said !== undefined && told !== undefined && sentences(told).some((sentence) => said.includes(sentence));
}
