/** The structure of JSON values, as a part of JSON Schema: what all of some good answers have, another good one has too. */
import { z } from 'zod';
import { isJsonObject, isLongInteger } from '../../src/domain/exact-json.ts';

const KINDS = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;
type Kind = (typeof KINDS)[number];

export interface Shape {
  readonly type: readonly Kind[];
  readonly properties?: Readonly<Record<string, Shape>> | undefined;
  readonly required?: readonly string[] | undefined;
  /** Of arrays, whatever their length. */
  readonly items?: Shape | undefined;
  /** Of arrays: 1 where many were seen, and none of them empty. */
  readonly minItems?: number | undefined;
}

export const SHAPE: z.ZodType<Shape> = z.lazy(() =>
  z.strictObject({
    type: z.array(z.enum(KINDS)),
    properties: z.record(z.string(), SHAPE).optional(),
    required: z.array(z.string()).optional(),
    items: SHAPE.optional(),
    minItems: z.number().int().optional(),
  }),
);

/** One thing that is not as it should be. `path`: `status`, `headers.location`, `body.lines[0].sku`. */
export interface Broken {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** Nobody reads more. */
const MOST_BROKEN = 50;
const VALUE_SHOWN = 80;
/** So many arrays, and none empty: that is no chance. */
const NEVER_EMPTY = 5;
/** Of one array; what a thousand items have, the next ones have. */
const MOST_ITEMS = 1000;

/** Values as JSON.parse gives them, one at least: keys that all objects have, and the types that were seen. */
export function shapeOf(values: readonly unknown[]): Shape {
  const objects = values.filter(isJsonObject);
  const arrays: readonly (readonly unknown[])[] = values.filter(Array.isArray);
  const items = arrays.flatMap((array) => array.slice(0, MOST_ITEMS));
  const neverEmpty = arrays.length >= NEVER_EMPTY && arrays.every(({ length }) => length > 0);
  const [first, ...others] = objects;
  const common = Object.keys(first ?? {}).filter((key) => others.every((other) => Object.hasOwn(other, key)));
  const properties = common.map((key) => [key, shapeOf(objects.map((object) => object[key]))] as const);
  return {
    type: KINDS.filter((kind) => values.some((value) => kindOf(value) === kind)),
    ...(first && { properties: Object.fromEntries(properties), required: common }),
    ...(items.length > 0 && { items: shapeOf(items) }),
    ...(neverEmpty && { minItems: 1 }),
  };
}

/** Where a value is not so; at most fifty places. */
export function misshapen(shape: Shape, value: unknown, path: string): readonly Broken[] {
  return [...places(shape, value, path)].slice(0, MOST_BROKEN);
}

function* places(shape: Shape, value: unknown, path: string): Iterable<Broken> {
  const kind = kindOf(value);
  // Of what never was anything but null, nothing is known.
  const open = shape.type.every((known) => known === 'null');
  if (!open && !shape.type.includes(kind))
    yield { path, expected: saidKinds(shape.type), got: `${kind === 'null' ? '' : `${kind} `}${shown(value)}` };
  else if (isJsonObject(value)) yield* missing(shape, value, path);
  else if (Array.isArray(value) && value.length < (shape.minItems ?? 0))
    yield { path, expected: 'an item, as in every good answer', got: 'an empty array' };
  else if (Array.isArray(value) && shape.items !== undefined)
    for (const [index, item] of value.entries()) yield* places(shape.items, item, `${path}[${index}]`);
}

function* missing(shape: Shape, value: Readonly<Record<string, unknown>>, path: string): Iterable<Broken> {
  const required = new Set(shape.required);
  for (const [key, inner] of Object.entries(shape.properties ?? {})) {
    const at = joined(path, key);
    if (Object.hasOwn(value, key)) yield* places(inner, value[key], at);
    else if (required.has(key)) yield { path: at, expected: saidKinds(inner.type), got: 'nothing' };
  }
}

export function joined(path: string, key: string): string {
  return /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/** A value in a line of text. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN - 1)}…` : text;
}

function saidKinds(kinds: readonly Kind[]): string {
  return kinds.length === KINDS.length ? 'something' : kinds.join(' or ');
}

function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isLongInteger(value)) return 'number';
  const type = typeof value;
  return type === 'boolean' || type === 'number' || type === 'string' ? type : 'object';
}
