/** Differences between a recorded and an asked value, leaf by leaf, for JSON-like values. */
import type { TimeWindow } from '../../src/domain/noise.ts';
import { isJsonObject, textOfJson } from '../../src/domain/exact-json.ts';
import { isMadeAnew } from '../../src/domain/made-anew.ts';
import { compareValues } from '../../src/domain/noise.ts';

export interface Difference {
  /** Where: `query.page`, `body.items[2].sku`, `path[1]`. */
  readonly where: string;
  readonly recorded: string | undefined;
  readonly asked: string | undefined;
  readonly noise: boolean;
  /** It stands under a name that says that its value names something, whatever its shape. */
  readonly names?: true;
}

/** Deeper structures are compared as text: no recording needs more, and hostile ones must not overflow the stack. */
const DEPTH_LIMIT = 64;

export function differences(
  recorded: unknown,
  asked: unknown,
  window: TimeWindow,
  where: string,
  depth = 0,
): readonly Difference[] {
  if (depth < DEPTH_LIMIT && Array.isArray(recorded) && Array.isArray(asked)) {
    const length = Math.max(recorded.length, asked.length);
    return Array.from({ length }, (_, index) =>
      differences(recorded[index], asked[index], window, `${where}[${index}]`, depth + 1),
    ).flat();
  }
  if (depth < DEPTH_LIMIT && isJsonObject(recorded) && isJsonObject(asked)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(asked)])];
    return keys.flatMap((key) =>
      differences(recorded[key], asked[key], window, where === '' ? key : `${where}.${key}`, depth + 1),
    );
  }
  return leaf(recorded, asked, window, where);
}

/** More than noise differs: told at the first such difference, since most of many candidates are other questions. `isKnown`: of no other value. */
export function differsInData(
  recorded: unknown,
  asked: unknown,
  window: TimeWindow,
  { where, isKnown, depth = 0 }: { where: string; isKnown: (one: Difference) => boolean; depth?: number },
): boolean {
  if (recorded === asked) return false;
  const inner = (left: unknown, right: unknown, at: string) =>
    differsInData(left, right, window, { where: at, isKnown, depth: depth + 1 });
  if (depth < DEPTH_LIMIT && Array.isArray(recorded) && Array.isArray(asked)) {
    const longer: readonly unknown[] = recorded.length > asked.length ? recorded : asked;
    return longer.some((_, index) => inner(recorded[index], asked[index], `${where}[${index}]`));
  }
  if (depth < DEPTH_LIMIT && isJsonObject(recorded) && isJsonObject(asked)) {
    const named = (key: string): string => (where === '' ? key : `${where}.${key}`);
    return (
      Object.keys(recorded).some((key) => inner(recorded[key], asked[key], named(key))) ||
      Object.keys(asked).some((key) => recorded[key] === undefined && inner(undefined, asked[key], named(key)))
    );
  }
  return leaf(recorded, asked, window, where).some((one) => !one.noise && !isKnown(one));
}

function leaf(recorded: unknown, asked: unknown, window: TimeWindow, where: string): readonly Difference[] {
  const left = textOf(recorded);
  const right = textOf(asked);
  if (left === right) return [];
  if (left === undefined || right === undefined) return [{ where, recorded: left, asked: right, noise: false }];
  const names = isMadeAnew(where, left, right);
  const noise = names || compareValues(left, right, window) === 'noise';
  return [{ where, recorded: left, asked: right, noise, ...(names && { names }) }];
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : textOfJson(value);
}

/** `body.total: recorded 12, asked 13` */
export function describeDifference(difference: Difference): string {
  return `${difference.where}: recorded ${shown(difference.recorded)}, asked ${shown(difference.asked)}`;
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return text.length > 80 ? `${JSON.stringify(text.slice(0, 77))}…` : JSON.stringify(text);
}
