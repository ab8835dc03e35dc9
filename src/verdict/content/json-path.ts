/**
 * A part of JSON path (RFC 9535): `$.name`, `['name']`, `[0]`, `[-1]`, `.*`, `[*]`, `..name`, `..*`. No filters and no slices: what they ask for
 * is said by conditions. Bodies are hostile: a search looks at so many values and no more, and nothing recurses.
 */
import type { Step } from '../rules/rule.ts';

/** Why a text is no path that is understood, and the character (from 0) where. */
export interface PathFault {
  readonly fault: string;
  readonly at: number;
}

const MOST_STEPS = 32;
const MOST_VALUES = 100_000;
const TOKEN =
  /(?<deep>\.\.)(?=[[\w*\u0080-\uffff])|\.(?<name>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|\.(?<star>\*)|\[\s*(?:(?<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<index>-?(?:0|[1-9]\d{0,8}))|(?<all>\*))\s*\]/y;
/** Behind `..` the name has no dot. */
const BARE = /(?<name>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|(?<star>\*)/y;

export function parsePath(text: string): readonly Step[] | PathFault {
  if (!text.startsWith('$')) return { fault: 'a path begins with $', at: 0 };
  const steps: Step[] = [];
  let at = 1;
  while (at < text.length) {
    const found = next(text, at, steps.at(-1)?.kind === 'deep');
    if (found === undefined) return { fault: faultAt(text, at), at };
    steps.push(found.step);
    at = found.end;
    if (steps.length > MOST_STEPS) return { fault: `a path has ${MOST_STEPS} steps at most`, at };
  }
  return steps.at(-1)?.kind === 'deep' ? { fault: 'something must follow ..', at: text.length } : steps;
}

function next(text: string, at: number, afterDeep: boolean): { readonly step: Step; readonly end: number } | undefined {
  const bare = afterDeep && text[at] !== '[' ? BARE : TOKEN;
  bare.lastIndex = at;
  const found = bare.exec(text);
  const { deep, name, star, all, index, quoted } = found?.groups ?? {};
  const step = stepOf({ deep, name, each: star ?? all, index, quoted });
  return found === null || step === undefined ? undefined : { step, end: bare.lastIndex };
}

function stepOf(
  found: Readonly<Record<'deep' | 'name' | 'each' | 'index' | 'quoted', string | undefined>>,
): Step | undefined {
  if (found.deep !== undefined) return { kind: 'deep' };
  if (found.each !== undefined) return { kind: 'each' };
  if (found.index !== undefined) return { kind: 'index', index: Number(found.index) };
  if (found.name !== undefined) return { kind: 'name', name: found.name };
  const name = found.quoted === undefined ? undefined : unquote(found.quoted);
  return name === undefined ? undefined : { kind: 'name', name };
}

/** Escapes are JSON's, and `\'`. */
function unquote(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1).replaceAll("\\'", "'");
  const json = quoted.startsWith("'") ? inner.replace(/(?<!\\)"/g, '\\"') : inner;
  try {
    return JSON.parse(`"${json}"`) as string;
  } catch {
    return undefined;
  }
}

function faultAt(text: string, at: number): string {
  if (/^\[\s*\?/.test(text.slice(at))) return 'filters ([?…]) are not understood';
  if (/^\[[\d\s-]*[:,]/.test(text.slice(at))) return 'slices and lists of indices are not understood';
  return `"${text.slice(at, at + 20)}" is no step`;
}

/** Every value at the path, as far as the search goes. `value` is what JSON.parse gives. */
export function valuesAt(steps: readonly Step[], value: unknown): readonly unknown[] {
  const budget = { left: MOST_VALUES };
  let found: readonly unknown[] = [value];
  for (const step of steps) {
    found = step.kind === 'deep' ? below(found, budget) : found.flatMap((one) => take(one, step, budget));
    if (budget.left <= 0) break;
  }
  return budget.left <= 0 ? [] : found;
}

interface Budget {
  left: number;
}

function take(value: unknown, step: Step, budget: Budget): readonly unknown[] {
  budget.left -= 1;
  if (budget.left <= 0 || typeof value !== 'object' || value === null) return [];
  if (step.kind === 'each') {
    const inside = insideOf(value);
    budget.left -= inside.length;
    return inside;
  }
  if (step.kind === 'index') return Array.isArray(value) ? itemOf(value, step.index) : [];
  if (step.kind !== 'name' || Array.isArray(value) || !Object.hasOwn(value, step.name)) return [];
  return [(value as Readonly<Record<string, unknown>>)[step.name]];
}

function itemOf(items: readonly unknown[], index: number): readonly unknown[] {
  const at = index < 0 ? items.length + index : index;
  return at >= 0 && at < items.length ? [items[at]] : [];
}

function insideOf(value: object): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : Object.values(value);
}

/** The values themselves and all inside them, outermost first. */
function below(values: readonly unknown[], budget: Budget): readonly unknown[] {
  const all: unknown[] = [...values];
  for (let index = 0; index < all.length && budget.left > 0; index += 1) {
    const value = all[index];
    budget.left -= 1;
    if (typeof value !== 'object' || value === null) continue;
    const inside = insideOf(value);
    if (inside.length > budget.left) budget.left = 0;
    else for (const one of inside) all.push(one);
  }
  return all;
}
