/** What an HTTP request asks, in a form that two requests can be compared in. */
import type { Header } from '../../../src/domain/exchange.ts';
import { header } from '../../../src/domain/exchange.ts';
import { isGrpc } from '../../../src/domain/grpc.ts';
import { decodeContent } from '../../../src/wire/http/content-encoding.ts';
import { boundaryOf } from '../../../src/wire/http/multipart.ts';
import { grpcValue } from '../grpc.ts';
import { parseJson } from '../../../src/domain/exact-json.ts';
import { isNamingHeader } from '../../../src/domain/made-anew.ts';

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** The few headers that say where an answer is to go on. */
  readonly resume: Readonly<Record<string, string>>;
  /** Headers that name what is asked, or the asking: they tell no two questions apart, and are bound. */
  readonly naming?: Readonly<Record<string, string>>;
  /** JSON value, form fields, gRPC messages by field number, or text; undefined for an empty body. */
  readonly body: unknown;
  /** The same as it was on the wire. */
  readonly bytes: Uint8Array;
}

/** A compressed body that grows beyond this is compared as bytes. */
const INFLATE_LIMIT = 16 * 1024 * 1024;

export function question(method: string, target: string, headers: readonly Header[], body: Uint8Array): Question {
  const [path = '', search = ''] = splitTarget(target);
  return {
    method,
    path,
    query: fields(search),
    resume: headersOf(headers, (name) => RESUME.includes(name)),
    ...(headers.some(({ name }) => isNamingHeader(name)) && { naming: headersOf(headers, isNamingHeader) }),
    body: bodyValue(headers, body),
    bytes: body,
  };
}

/** An event stream, or a download, that was broken off is asked for again from some place on. */
const RESUME = ['last-event-id', 'range'];

function headersOf(headers: readonly Header[], wanted: (name: string) => boolean): Readonly<Record<string, string>> {
  return Object.fromEntries(headers.filter(({ name }) => wanted(name)).map(({ name, value }) => [name, value]));
}

/** Path and query of an origin-form or absolute-form target. */
function splitTarget(target: string): readonly string[] {
  const origin = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const at = origin.indexOf('?');
  return at < 0 ? [origin || '/', ''] : [origin.slice(0, at) || '/', origin.slice(at + 1)];
}

function fields(search: string): Readonly<Record<string, string | readonly string[]>> {
  const grouped = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(search)) grouped.set(name, [...(grouped.get(name) ?? []), value]);
  return Object.fromEntries(
    [...grouped].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

function bodyValue(headers: readonly Header[], raw: Uint8Array): unknown {
  if (raw.length === 0) return undefined;
  const body = decoded(headers, raw);
  const type = header(headers, 'content-type') ?? '';
  if (isGrpc(type)) return grpcValue(headers, body);
  const text = Buffer.from(body).toString('latin1');
  if (/\bjson\b/.test(type)) return parseJson(Buffer.from(body).toString('utf8')) ?? text;
  if (/x-www-form-urlencoded/.test(type)) return fields(text);
  const boundary = boundaryOf(type);
  // Drawn anew for every message.
  return boundary === undefined ? text : text.replaceAll(boundary, 'boundary');
}

function decoded(headers: readonly Header[], body: Uint8Array): Uint8Array {
  const plain = decodeContent(body, header(headers, 'content-encoding'), INFLATE_LIMIT);
  return typeof plain === 'string' ? body : plain; // Compared as it is on the wire: still equal to itself.
}
