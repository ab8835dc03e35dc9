/** One value as it is compared, wherever it was found. */

/** Values (see `normalise`), each with the name it goes by where it was found first: `order_id`, `path`. */
export type Values = ReadonlyMap<string, string>;
export type MutableValues = Map<string, string>;

/** Of one message. */
const VALUES = 2_000;
/** A text longer than this flows in pieces only. Characters. */
const LONGEST = 200;

export function isFull(values: Values): boolean {
  return values.size >= VALUES;
}

/** Scalars of one object that are looked at together. */
const TOGETHER = 6;

/**
 * Values that stand side by side, as values of their own: an article and its quantity may each be in many requests, and both together in one.
 */
export function addPairs(side: readonly (readonly [value: string, name: string])[], into: MutableValues): void {
  const values = side.slice(0, TOGETHER).map(([text, name]) => [normalise(text), name] as const);
  for (const [index, [one, name]] of values.entries())
    for (const [other, otherName] of values.slice(index + 1))
      if (one !== other) add([one, other].toSorted().join(PAIR), [name, otherName].toSorted().join(' and '), into);
}

/** No text of a message has it. */
const PAIR = '\u0000';

/** Every scalar of a JSON-like value under the name of its nearest key. */
export function addLeaves(value: unknown, name: string, into: MutableValues, depth: number): void {
  if (isFull(into) || depth === 0) return;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) addPairs(scalarsOf(value), into);
  if (typeof value === 'string' || typeof value === 'number') return addValue(String(value), name, into);
  if (Array.isArray(value)) for (const item of value) addLeaves(item, name, into, depth - 1);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value))
      addLeaves(item, /^\d+$/.test(key) ? `${name} ${key}` : key, into, depth - 1);
}

function scalarsOf(value: object): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, item]) =>
    typeof item === 'string' || typeof item === 'number' ? [[String(item), name] as const] : [],
  );
}

/** What says nothing wherever it stands. */
const EMPTY: ReadonlySet<string> = new Set(['', 'true', 'false', 'null', 'none', 'undefined', 'ok', 'error', 'nan']);

/** The value, and those pieces of it that look like ids: `order-1042` in one service is `1042` in another. */
export function addValue(text: string, name: string, into: MutableValues): void {
  const value = normalise(text);
  if (value.length <= LONGEST) add(value, name, into);
  if (!/[^a-z0-9]/.test(value)) return;
  for (const piece of value.slice(0, 4 * LONGEST).split(/[^a-z0-9-]+|-(?=[a-z])|(?<=[a-z])-/))
    if (piece.length >= 4 && /\d/.test(piece)) add(piece, name, into);
}

function add(value: string, name: string, into: MutableValues): void {
  if (!isFull(into) && !EMPTY.has(value) && !into.has(value)) into.set(value, name);
}

/** Letter case, blanks at the ends and zeros behind the point tell no values apart. */
export function normalise(text: string): string {
  const value = text.trim().toLowerCase();
  return /^-?\d+\.\d*0$/.test(value) ? value.replace(/\.?0+$/, '') : value;
}

/**
 * How little likely it is to meet the value by chance, 0..1: about its bits over 20, so that a one-digit number weighs 0.17, a four-digit
 * one 0.66, and a UUID 1.
 */
export function specificity(value: string): number {
  const pair = value.split(PAIR);
  if (pair.length === 2)
    return Math.min(
      1,
      pair.reduce((sum, one) => sum + specificity(one), 0),
    );
  const perCharacter = /^\d+$/.test(value) ? 3.3 : /\d/.test(value) ? 4 : 1.6;
  return Math.min(1, (perCharacter * value.length) / 20);
}
