import { parseJson } from '../domain/exact-json.ts';
import { masked } from '../domain/noise.ts';
import { align } from './align.ts';
import type { Findings } from './findings.ts';
import { compareJson } from './json.ts';
import { LIMITS } from './limits.ts';
import { withoutTokens } from './values.ts';

/** `<path>.line 3`, counted from 1 on the left where it is there, else on the right. `unit`: what a line is. */
export function compareLines(path: string, left: string, right: string, unit: string, findings: Findings): void {
  if (left === right || !findings.effort.spend(left.length + right.length)) return;
  const [ours, theirs] = [left.split('\n', LIMITS.lines + 1), right.split('\n', LIMITS.lines + 1)];
  if (Math.max(ours.length, theirs.length) > LIMITS.lines)
    findings.effort.note(`texts have more than ${LIMITS.lines} lines: the others were not compared`);
  const [one, other] = [ours, theirs].map((lines) => lines.slice(0, LIMITS.lines)) as [string[], string[]];
  for (const row of align(one.map(comparable), other.map(comparable))) {
    const was = row.left === undefined ? undefined : one[row.left];
    const is = row.right === undefined ? undefined : other[row.right];
    const only = unit === 'message' && one.length <= 1 && other.length <= 1;
    compareLine(only ? path : `${path}.${unit} ${(row.left ?? row.right ?? 0) + 1}`, was, is, findings);
  }
}

/** A line of JSON each (messages of a stream, lines of JSON) is compared as such. */
function compareLine(path: string, left: string | undefined, right: string | undefined, findings: Findings): void {
  if (left === right) return;
  const was = left === undefined ? undefined : asObject(left);
  const is = right === undefined ? undefined : asObject(right);
  if (was !== undefined && is !== undefined) compareJson(`${path}.$`, was, is, findings);
  else findings.compare(path, left, right);
}

function asObject(line: string): unknown {
  return /^[{[]/.test(line) ? parseJson(line) : undefined;
}

function comparable(line: string): string {
  return masked(withoutTokens(line));
}
