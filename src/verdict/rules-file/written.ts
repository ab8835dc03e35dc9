/** Values with shorthands, as zod has them. */
import { z } from 'zod';
import type { Wrong } from './values.ts';
import { isWrong } from './values.ts';

const MOST_VALUES = 50;

/** Adds what is wrong as an issue with its hint. */
export function written<Value extends object | string | number>(parse: (value: unknown) => Value | Wrong) {
  return z.unknown().transform((value, context): Value => {
    const parsed = parse(value);
    if (!isWrong(parsed)) return parsed;
    context.addIssue({ code: 'custom', message: parsed.wrong, params: { hint: parsed.hint } });
    return z.NEVER;
  });
}

/** One, or a list. */
export function some<Item extends z.ZodType>(item: Item) {
  return z
    .preprocess(
      (value): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : [value]),
      z.array(item).min(1).max(MOST_VALUES),
    )
    .optional();
}
