/** What comes in over HTTP, checked; and what goes back when it is wrong. */
import { z } from 'zod';
import { parseFingerprint, parseLoopId } from '../domain/ids.ts';
import type { Fingerprint, LoopId } from '../domain/ids.ts';

const LIST_LIMIT = 500;

/** Media type of a `.loop` file. */
export const LOOP_TYPE = 'application/vnd.loop';

export const LOOP_ID = z.string().transform((text, context): LoopId => {
  const id = parseLoopId(text);
  if (id !== undefined) return id;
  context.addIssue('is no loop id (12 characters)');
  return z.NEVER;
});

const FINGERPRINT = z.string().transform((text, context): Fingerprint => {
  const fingerprint = parseFingerprint(text);
  if (fingerprint !== undefined) return fingerprint;
  context.addIssue('is no fingerprint (12 hex digits)');
  return z.NEVER;
});

export const LIST_QUERY = z.object({
  purpose: z.enum(['failure', 'capture', 'exemplar', 'ambient']).default('failure'),
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT).default(50),
  cursor: z.string().max(200).optional(),
  service: z.string().max(200).optional(),
  fingerprint: FINGERPRINT.optional(),
  since: z.coerce.number().optional(),
});

export const FINGERPRINT_QUERY = z.object({
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT).default(50),
  /** Divided by commas. */
  among: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(FINGERPRINT).max(LIST_LIMIT))
    .optional(),
  service: z.string().max(200).optional(),
  since: z.coerce.number().optional(),
});

/** The rules are read by src/api/redaction-test.ts, which says what is wrong with them. */
export const REDACTION_TEST = z.strictObject({ rules: z.unknown().optional() });

/** `rules`: text of a rules.yaml; absent: those in force. */
export const RULES_TEST = z.strictObject({
  rules: z
    .string()
    .max(1024 * 1024)
    .optional(),
  loop: LOOP_ID.optional(),
  limit: z.number().int().min(1).max(10_000).default(1000),
});

/** RFC 9457. `hint` says what to do next. */
export const PROBLEM = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  hint: z.string().optional(),
});

export type Problem = z.infer<typeof PROBLEM>;
