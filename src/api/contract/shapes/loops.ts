/** What is answered about loops. */
import { z } from 'zod';
import type { StreamId, TransactionKey } from '../../../domain/ids.ts';
import { CAPTURE_ID, FINGERPRINT, LOOP_ID } from '../inputs.ts';

const count = z.number().int().min(0);
const time = z.number().meta({ description: 'Unix ms' });
/** Strings of a type of their own, of which no caller needs to know the pattern. */
const opaque = <Name extends string>(): z.ZodType<Name> => z.string() as unknown as z.ZodType<Name>;

const origin = z.object({
  service: z.string(),
  exchange: opaque<StreamId>(),
  kind: z.string(),
  summary: z.string(),
  certainty: z.number().min(0).max(1).exactOptional(),
});

export const SUMMARY = z.object({
  id: LOOP_ID,
  purpose: z.enum(['failure', 'capture', 'exemplar', 'ambient']),
  transaction: opaque<TransactionKey>(),
  startedAt: time,
  durationMs: z.number(),
  service: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.number().int().exactOptional(),
  outcome: z.enum(['good', 'failed', 'swallowed']),
  origin: origin.exactOptional(),
  fingerprint: FINGERPRINT.exactOptional(),
  services: z.array(z.string()),
  versions: z.array(z.string()).exactOptional(),
  exchanges: count,
  commands: count,
  bytes: count,
  holes: z.array(z.string()),
});

export const FINGERPRINT_SUMMARY = z.object({
  fingerprint: FINGERPRINT,
  service: z.string(),
  method: z.string(),
  route: z.string(),
  kind: z.string(),
  summary: z.string(),
  firstSeenAt: time,
  lastSeenAt: time,
  seen: count,
  unread: count,
  guessed: count,
  kept: count,
  newest: LOOP_ID.exactOptional(),
  versions: z.array(z.object({ version: z.string(), seen: count })),
  users: count,
  moreUsers: z.boolean(),
  hours: z.array(z.object({ at: time, seen: count })),
});

const difference = z.object({
  path: z.string(),
  left: z.string().exactOptional(),
  right: z.string().exactOptional(),
  kind: z.enum(['value', 'missing-left', 'missing-right', 'noise', 'hidden']),
});

const pair = z.object({
  what: z.enum(['exchange', 'command']),
  hop: z.string(),
  left: z.string().exactOptional(),
  right: z.string().exactOptional(),
  verdict: z.enum(['same', 'differs', 'only-left', 'only-right']),
  differences: z.array(difference),
  more: count.exactOptional(),
});

export const COMPARISON = z.object({
  left: SUMMARY,
  right: SUMMARY,
  pairs: z.array(pair),
  notes: z.array(z.string()),
});

const finding = z.object({
  where: z.string(),
  token: z.string(),
  before: z.string(),
  change: z.enum(['same', 'new', 'lost']),
});

export const REDACTION_TEST = z.object({ findings: z.array(finding), more: count });

const judged = z.object({
  decision: z.enum(['keep', 'toss']),
  rule: z.string().exactOptional(),
  summary: z.string().exactOptional(),
});

const tested = z.object({
  ...SUMMARY.pick({ id: true, purpose: true, startedAt: true, service: true, method: true, path: true }).shape,
  inForce: judged,
  tried: judged,
  change: z.enum(['same', 'kept', 'tossed', 'reason']),
  unread: z.string().exactOptional(),
});

const mistake = z.object({ line: z.number(), column: z.number(), message: z.string(), hint: z.string() });

export const RULES_TEST = z.object({
  mistakes: z.array(mistake),
  recordings: z.array(tested),
  more: z.boolean(),
});

const place = z.object({ kind: z.enum(['jwt', 'header', 'cookie', 'query']), name: z.string() });
const jsonPlace = z.object({ kind: z.literal('json'), name: z.string() });
const ends = z.enum(['time', 'bytes', 'count', 'stopped']);

export const CAPTURE = z.object({
  id: CAPTURE_ID,
  select: z.object({
    user: z.string().exactOptional(),
    pairs: z.array(z.object({ place: z.union([place, jsonPlace]), value: z.string() })),
  }),
  reason: z.string(),
  who: z.string(),
  startedAt: time,
  until: time,
  endedAt: time.exactOptional(),
  endedBy: ends.exactOptional(),
  maxBytes: count,
  maxTransactions: count,
  lookBack: z.boolean(),
  reachedBackTo: time.exactOptional(),
  transactions: count,
  failed: count,
  notWhole: count,
  bytes: count,
  leftOut: count,
  notes: z.array(z.object({ at: time, what: z.string() })),
});

export const BUTTON = z.object({
  capture: z.string(),
  state: z.enum(['running', 'over']),
  startedAt: time,
  until: time,
  endedAt: time.exactOptional(),
  endedBy: ends.exactOptional(),
  reachedBackTo: time.exactOptional(),
  transactions: count,
  failed: count,
  bytes: count,
  notes: z.array(z.string()),
  link: z.string(),
  handle: z.string().exactOptional(),
});
