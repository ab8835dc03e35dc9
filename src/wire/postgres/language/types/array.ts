/**
 * Arrays of one element type, counted from 1.
 *
 *     text     {1,NULL,"a \"b\""}, nested by dimension
 *     binary   Int32 dimensions, Int32 1 with nulls, Int32 element type, per dimension Int32 size and Int32 lower bound,
 *              per element Int32 length | -1 and bytes
 *
 * https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
import { Reader, concat, int32 } from '../../../bytes.ts';
import { encodeValue, readValue, type Value } from '../../frontend.ts';
import type { TypeCodec } from './codec.ts';

/** Postgres' own MAXDIM. */
const DIMENSIONS = 6;

type Nested = string | null | readonly Nested[];

export function arrayOf(element: TypeCodec, elementType: number): TypeCodec {
  return {
    text(binary) {
      const reader = new Reader(binary);
      const sizes = readSizes(reader);
      if (sizes === undefined) return undefined;
      if (sizes.length === 0) return '{}';
      const text = writeText(sizes, () => elementText(readValue(reader), element));
      return reader.done ? text : undefined;
    },
    binary(text) {
      const parsed = parseArray(text);
      if (parsed === undefined) return undefined;
      const sizes = sizesOf(parsed);
      const leaves = flatten(parsed, sizes);
      const values = leaves?.map((leaf) => (leaf === null ? null : element.binary(leaf)));
      if (values === undefined || values.includes(undefined)) return undefined;
      return encode(
        sizes,
        values.filter((value) => value !== undefined),
        elementType,
      );
    },
  };
}

function readSizes(reader: Reader): number[] | undefined {
  const dimensions = reader.int32();
  reader.int32();
  reader.int32();
  if (dimensions < 0 || dimensions > DIMENSIONS) return undefined;
  const sizes: number[] = [];
  for (let dimension = 0; dimension < dimensions; dimension++) {
    const size = reader.int32();
    // An array that counts from elsewhere has another text form; one with more elements than bytes is a lie.
    if (reader.int32() !== 1 || size < 0 || size > reader.left) return undefined;
    sizes.push(size);
  }
  return reader.failed ? undefined : sizes;
}

function writeText(sizes: readonly number[], next: () => string | undefined): string | undefined {
  const [size = 0, ...inner] = sizes;
  const parts: string[] = [];
  for (let index = 0; index < size; index++) {
    const part = inner.length === 0 ? next() : writeText(inner, next);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return `{${parts.join(',')}}`;
}

function elementText(value: Value, element: TypeCodec): string | undefined {
  if (value === null) return 'NULL';
  const text = element.text(value);
  if (text === undefined) return undefined;
  const quoted = text === '' || /[{}",\\\s]/.test(text) || /^null$/i.test(text);
  return quoted ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

/** Opening and closing braces, commas, quoted and bare elements. */
const TOKEN = /\s*(?:([{},])|"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|([^{},"]+))/y;

function parseArray(text: string): readonly Nested[] | undefined {
  TOKEN.lastIndex = 0;
  if (TOKEN.exec(text)?.[1] !== '{') return undefined;
  const parsed = parseElements(text, 1);
  return parsed !== undefined && text.slice(TOKEN.lastIndex).trim() === '' ? parsed : undefined;
}

/** Reads up to the closing brace; the opening one has been read. */
function parseElements(text: string, depth: number): readonly Nested[] | undefined {
  const elements: Nested[] = [];
  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    const [, mark, quoted, bare] = token;
    if (mark === '}') return elements.length === 0 ? elements : undefined;
    const element = mark === '{' && depth < DIMENSIONS ? parseElements(text, depth + 1) : leaf(quoted, bare);
    if (element === undefined) return undefined;
    elements.push(element);
    const follows = TOKEN.exec(text)?.[1];
    if (follows === '}') return elements;
    if (follows !== ',') return undefined;
  }
  return undefined;
}

function leaf(quoted: string | undefined, bare: string | undefined): string | null | undefined {
  if (quoted !== undefined) return quoted.replace(/\\([\s\S])/g, '$1');
  if (bare === undefined) return undefined;
  return /^null$/i.test(bare.trim()) ? null : bare.trimEnd().replace(/\\([\s\S])/g, '$1');
}

function sizesOf(parsed: readonly Nested[]): number[] {
  const sizes: number[] = [];
  for (
    let level: Nested | undefined = parsed;
    Array.isArray(level) && level.length > 0;
    level = (level as readonly Nested[])[0]
  ) {
    sizes.push(level.length);
  }
  return sizes;
}

/** Undefined when the rows are not all of one length. */
function flatten(nested: Nested | undefined, sizes: readonly number[]): (string | null)[] | undefined {
  const [size, ...inner] = sizes;
  if (size === undefined) return nested === null || typeof nested === 'string' ? [nested] : [];
  if (!Array.isArray(nested) || nested.length !== size) return undefined;
  const leaves: (string | null)[] = [];
  for (const element of nested as readonly Nested[]) {
    const part = inner.length === 0 && Array.isArray(element) ? undefined : flatten(element, inner);
    if (part === undefined) return undefined;
    leaves.push(...part);
  }
  return leaves;
}

function encode(sizes: readonly number[], values: readonly Value[], elementType: number): Uint8Array {
  return concat([
    int32(sizes.length),
    int32(values.includes(null) ? 1 : 0),
    int32(elementType),
    ...sizes.flatMap((size) => [int32(size), int32(1)]),
    ...values.map(encodeValue),
  ]);
}
