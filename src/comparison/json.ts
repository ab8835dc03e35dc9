import { isJsonObject } from '../domain/exact-json.ts';
import { masked } from '../domain/noise.ts';
import { align } from './align.ts';
import type { Findings } from './findings.ts';
import { withoutTokens } from './values.ts';

/** Two values of parseJson (so no deeper than it takes), told by path: `<path>.items[0].price`, `<path>["a b"]`. */
export function compareJson(path: string, left: unknown, right: unknown, findings: Findings): void {
  if (Array.isArray(left) && Array.isArray(right)) return compareArrays(path, left, right, findings);
  if (isJsonObject(left) && isJsonObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      compareJson(`${path}${step(key)}`, own(left, key), own(right, key), findings);
    return;
  }
  const bothTexts = typeof left === 'string' && typeof right === 'string';
  findings.compare(path, bothTexts ? left : written(left), bothTexts ? right : written(right));
}

function compareArrays(path: string, left: readonly unknown[], right: readonly unknown[], findings: Findings): void {
  if (left.length === right.length) {
    for (const [at, value] of left.entries()) compareJson(`${path}[${at}]`, value, right[at], findings);
    return;
  }
  const [one, other] = [left.map(comparable), right.map(comparable)];
  const size = [...one, ...other].reduce((sum, text) => sum + text.length, 0);
  if (!findings.effort.spend(size)) return;
  for (const row of align(one, other)) {
    const place = `${path}[${row.left ?? row.right ?? 0}]`;
    const was = row.left === undefined ? undefined : left[row.left];
    const is = row.right === undefined ? undefined : right[row.right];
    compareJson(place, was, is, findings);
  }
}

/** Equal for two elements that differ in nothing but noise. */
function comparable(value: unknown): string {
  return masked(withoutTokens(written(value) ?? ''));
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Undefined stands for nothing there; JSON itself has no such value. */
function written(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

const KEY_CHARACTERS = 100;

function step(key: string): string {
  const short = key.slice(0, KEY_CHARACTERS);
  return /^[A-Za-z_$][\w$-]*$/.test(short) ? `.${short}` : `[${JSON.stringify(short)}]`;
}
