/** What a capture asks for, as it comes over the API. */
import { z } from 'zod';
import type { Pair, Selector } from '../domain/capture.ts';
import { pairText, placeOf } from '../wire/users/place.ts';

const MOST_PAIRS = 8;
const VALUE = z.string().min(1).max(1000);

const PAIR = z
  .strictObject({ kind: z.string(), name: z.string(), value: VALUE })
  .transform(({ kind, name, value }, context): Pair => {
    const place = placeOf(kind, name);
    if (place !== undefined) return { place, value };
    context.addIssue(`"${kind} ${name}" names no place in a request`);
    return z.NEVER;
  });

export const CAPTURE_START = z.strictObject({
  user: VALUE.optional(),
  pairs: z.array(PAIR).max(MOST_PAIRS).default([]),
  reason: z.string().max(500).default(''),
  /** Who asks, as they say it: the name at their own machine. */
  who: z.string().max(100).default(''),
  forMs: z.number().positive().default(600_000),
  maxBytes: z.number().int().min(1).optional(),
  maxTransactions: z.number().int().min(1).optional(),
  lookBack: z.boolean().default(true),
});

export type CaptureStart = z.input<typeof CAPTURE_START>;
export type ReadStart = z.output<typeof CAPTURE_START>;

/** As people type it: `user 42, header:x-tenant=7`. */
export function selectorText({ user, pairs }: Selector): string {
  return [...(user === undefined ? [] : [`user ${user}`]), ...pairs.map(pairText)].join(', ');
}

/** Values in it, which are somebody's. */
export function selectedValues({ user, pairs }: Selector): readonly string[] {
  return [...(user === undefined ? [] : [user]), ...pairs.map(({ value }) => value)];
}

/** A reason may name the user; the audit does not. */
export function masked(reason: string, values: readonly string[]): string {
  return values.reduce((text, value) => text.replaceAll(value, '…'), reason).trim();
}
