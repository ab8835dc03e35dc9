/** How a body is shown, by what it is and what it says it is. */
import type { MessageView } from '../../../../src/seal/view-schema.ts';
import { readForm, type Field } from './form.ts';
import { readJson, type JsonTree } from './json.ts';
import { boundaryOf, readMultipart, type Part } from './multipart.ts';

export type ShownBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'omitted'; readonly why: string }
  | { readonly kind: 'json'; readonly tree: JsonTree }
  /** Several values, a line each: lines of JSON, messages of gRPC. `tree` is absent where a line is none. */
  | { readonly kind: 'lines'; readonly of: 'protobuf' | 'JSON'; readonly lines: readonly JsonLine[] }
  | { readonly kind: 'form'; readonly fields: readonly Field[] }
  | { readonly kind: 'multipart'; readonly parts: readonly Part[] }
  | { readonly kind: 'text' };

export interface JsonLine {
  readonly text: string;
  readonly tree?: JsonTree;
}

/** Lines beyond are shown as text. */
const MOST_LINES = 200;

export function shownBody({ body }: Pick<MessageView, 'body'>): ShownBody {
  if (body.kind === 'empty') return { kind: 'empty' };
  if (body.kind === 'omitted') return { kind: 'omitted', why: body.why };
  const type = body.contentType ?? '';
  if (/^application\/grpc\b/i.test(type)) return linesOf(body.text, 'protobuf');
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return { kind: 'form', fields: readForm(body.text) };
  const boundary = /^multipart\//i.test(type) ? boundaryOf(type) : undefined;
  const parts = boundary === undefined ? undefined : readMultipart(body.text, boundary);
  if (parts !== undefined) return { kind: 'multipart', parts };
  return jsonOf(body.text, type) ?? { kind: 'text' };
}

function jsonOf(text: string, type: string): ShownBody | undefined {
  const saysSo = /[/+](?:x-)?(?:nd)?json/i.test(type);
  if (!saysSo && !/^\s*[{[]/.test(text)) return undefined;
  const tree = readJson(text);
  if (tree !== undefined) return { kind: 'json', tree };
  return saysSo && text.includes('\n') ? linesOf(text, 'JSON') : undefined;
}

function linesOf(text: string, of: 'protobuf' | 'JSON'): ShownBody {
  const all = text.split('\n', MOST_LINES + 1).filter((line) => line.trim() !== '');
  if (all.length > MOST_LINES) return { kind: 'text' };
  return { kind: 'lines', of, lines: all.map(jsonLine) };
}

/** A message of a stream that is an object or a list; anything else is text. */
export function jsonLine(text: string): JsonLine {
  const tree = /^\s*[{[]/.test(text) ? readJson(text) : undefined;
  return { text, ...(tree !== undefined && { tree }) };
}
