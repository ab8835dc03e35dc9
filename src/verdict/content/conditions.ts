/** Conditions on JSON bodies. Off the ingest thread only: regular expressions are RE2, which is linear, and slow. */
import { RE2JS } from 're2js';
import type { BodyCondition, Rule, Scalar } from '../rules/rule.ts';
import { valuesAt } from './json-path.ts';

/** The JSON of one side of the exchange, parsed; undefined when there is none that can be read. */
export type ReadJson = (side: 'client' | 'server') => { readonly value: unknown } | undefined;

/** Of a string, so much is searched. Characters. */
const SEARCHED = 64 * 1024;

/** True when every condition of the rule on bodies holds. */
export function bodiesHold({ match }: Rule, json: ReadJson): boolean {
  const hold = (conditions: readonly BodyCondition[] = [], side: 'client' | 'server') =>
    conditions.every((condition) => holds(condition, json(side)));
  return hold(match.requestBody, 'client') && hold(match.body, 'server');
}

/** A body that is no JSON has no values, not even absent ones: nothing is said of it. */
function holds(condition: BodyCondition, json: { readonly value: unknown } | undefined): boolean {
  if (json === undefined) return false;
  const values = valuesAt(condition.steps, json.value);
  if (condition.exists === false) return values.length === 0;
  return values.some((value) => passes(value, condition));
}

function passes(value: unknown, { is, not, in: among, matches, minLength }: BodyCondition): boolean {
  if (is !== undefined && value !== is) return false;
  if (not !== undefined && value === not) return false;
  if (among !== undefined && !among.includes(value as Scalar)) return false;
  if (minLength !== undefined && lengthOf(value) < minLength) return false;
  return matches === undefined || isMatch(value, matches);
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : -1;
}

const compiled = new Map<string, RE2JS>();
const MOST_COMPILED = 1000;

function isMatch(value: unknown, pattern: string): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = RE2JS.compile(pattern);
    if (compiled.size >= MOST_COMPILED) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.matcher(String(value).slice(0, SEARCHED)).find();
}
