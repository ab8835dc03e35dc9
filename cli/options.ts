/** Values of options, checked where they are typed. */
import { InvalidArgumentError } from 'commander';

/** `table or json`, `table, wide or json`. */
export function choice<Value extends string>(values: readonly Value[]): (text: string) => Value {
  return (text) => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`);
  };
}

/** A whole number, both ends included. */
export function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`a number from ${least} to ${most}`);
  };
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `2h`, `3d` before now, or a date; as Unix ms. */
export function momentBefore(now: () => number): (text: string) => number {
  return (text) => {
    const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
    const at = number === '' ? Date.parse(text) : now() - Number(number) * (UNITS[unit] ?? 0);
    if (Number.isFinite(at)) return at;
    throw new InvalidArgumentError('30m, 2h, 3d, or a date like 2026-01-31T12:00');
  };
}

export function seconds(text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('seconds, more than 0');
}
