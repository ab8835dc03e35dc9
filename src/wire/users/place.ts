/** Places as people write them: `jwt:sub`, `header:x-user-id`, `cookie:sid`, `query:user`, `json:$.customer.id`, `metadata:user-id`. */
import type { Pair, Place } from '../../domain/capture.ts';
import { parseJsonPath } from './json-path.ts';

export const PLACE_KINDS = ['jwt', 'header', 'cookie', 'query', 'json', 'metadata'] as const;

const MOST_NAME = 200;
/** Field names of HTTP (RFC 9110, 5.1): also what gRPC allows, and more. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Undefined when the text names no place. */
export function parsePlace(text: string): Place | undefined {
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : placeOf(text.slice(0, colon), text.slice(colon + 1));
}

export function placeOf(kind: string, name: string): Place | undefined {
  if (name === '' || name.length > MOST_NAME) return undefined;
  switch (kind) {
    case 'header':
    case 'metadata':
      return TOKEN.test(name) ? { kind: 'header', name: name.toLowerCase() } : undefined;
    case 'cookie':
      return TOKEN.test(name) ? { kind, name } : undefined;
    case 'jwt':
    case 'query':
      return { kind, name };
    case 'json':
      return parseJsonPath(name) === undefined ? undefined : { kind, name };
    default:
      return undefined;
  }
}

export function placeText({ kind, name }: Place): string {
  return `${kind}:${name}`;
}

export function pairText({ place, value }: Pair): string {
  return `${placeText(place)}=${value}`;
}
