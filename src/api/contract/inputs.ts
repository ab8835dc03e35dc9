/** What is asked with, by operation, checked: parameters of the path, then the query, or the keys of the body. */
import { z } from 'zod';
import { CAPTURE_START } from '../../captures/selector.ts';
import { ROLES } from '../../domain/access.ts';
import type { CaptureId } from '../../domain/capture.ts';
import type { Fingerprint, LoopId } from '../../domain/ids.ts';
import type { Operation } from './endpoints.ts';

const LIST_LIMIT = 500;
const NAME = z.string().min(1).max(200);
const CURSOR = z.string().max(200).optional();
const NOTHING = z.object({});
/** Queries have text only. */
const NUMBER = z.coerce.number<number>();
const LIMIT = NUMBER.int().min(1).max(LIST_LIMIT).default(50);
const FLAG = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** A string type that its pattern tells; what is wrong with another is said in `what`. */
function named<Name extends string>(pattern: RegExp, what: string): z.ZodType<Name, string> {
  return z.string().regex(pattern, what) as unknown as z.ZodType<Name, string>;
}

export const LOOP_ID = named<LoopId>(/^[0-9a-hjkmnp-tv-z]{12}$/, 'is no loop id (12 characters)');
export const FINGERPRINT = named<Fingerprint>(/^[0-9a-f]{12}$/, 'is no fingerprint (12 hex digits)');
export const CAPTURE_ID = named<CaptureId>(
  /^cap-[0-9a-hjkmnp-tv-z]{8}$/,
  'is no id of a capture (cap- and 8 characters)',
);

const OF_LOOP = z.object({ id: LOOP_ID });
const OF_CAPTURE = z.object({ id: CAPTURE_ID });
const BY_PREFIX = z.object({ id: z.string().max(100) });
/** Bytes come as they are and are read by whoever takes them in. */
const FILE = z.custom<Uint8Array | AsyncIterable<Uint8Array>>((value) => typeof value === 'object' && value !== null);

const DAY_MS = 86_400_000;

const ACCESS_INPUTS = {
  session: NOTHING,
  signIn: z.strictObject({ token: z.string().min(1).max(4096) }),
  signOut: NOTHING,
  listTokens: NOTHING,
  createToken: z.strictObject({
    name: z.string().trim().min(1).max(100),
    roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
    /** Names; absent: as many as whoever makes it sees. */
    tenants: z.array(NAME).min(1).max(100).optional(),
    /** Until it ends. */
    forMs: z
      .number()
      .int()
      .min(60_000)
      .max(366 * DAY_MS)
      .default(30 * DAY_MS),
  }),
  revokeToken: z.object({ id: z.string().max(100) }),
  pressButton: z.strictObject({ forMs: z.number().int().positive().max(DAY_MS).optional() }).prefault({}),
  lookAtButton: NOTHING,
  releaseButton: NOTHING,
  audit: z.object({ limit: LIMIT, cursor: CURSOR, actor: NAME.optional(), act: NAME.optional() }),
};

const LOOP_INPUTS = {
  listLoops: z.object({
    purpose: z.enum(['failure', 'capture', 'exemplar', 'ambient']).default('failure'),
    limit: LIMIT,
    cursor: CURSOR,
    service: NAME.optional(),
    fingerprint: FINGERPRINT.optional(),
    since: NUMBER.optional(),
    until: NUMBER.optional(),
    outcome: z.enum(['good', 'failed', 'swallowed']).optional(),
    /** Of the entry; `5xx`: any of them. */
    status: z
      .string()
      .regex(/^[1-5](?:\d\d|xx)$/, 'is no status (502, 5xx)')
      .optional(),
    /** `/orders/7`, `POST /orders/*`: ids do not count. */
    route: z.string().min(1).max(2000).optional(),
    /** `pricing@1.2.0` */
    version: NAME.optional(),
    /** Words, of which the first eight count. */
    text: z.string().max(500).optional(),
  }),
  showLoop: OF_LOOP,
  resolveLoop: BY_PREFIX,
  exemplarsOfLoop: OF_LOOP,
  /** `exemplar`: with a good transaction of its route. */
  compareLoops: z.object({ id: LOOP_ID, other: z.union([LOOP_ID, z.literal('exemplar')]) }),
  harOfLoop: OF_LOOP,
  recordingOfLoop: z.object({ id: LOOP_ID, open: FLAG.default(false) }),
  originalBody: z.object({ id: LOOP_ID, exchange: z.string().max(100), side: z.enum(['request', 'response']) }),
  /** `restore`: also when somebody whom it shows was erased here. */
  importLoop: z.object({ file: FILE, restore: FLAG.default(false) }),
  deleteLoop: OF_LOOP,
  /** The rules are read by src/api/redaction-test.ts, which says what is wrong with them. */
  testRedaction: z.strictObject({ id: LOOP_ID, rules: z.unknown().optional() }),
  /** `rules`: text of a rules.yaml; absent: those in force. */
  testRules: z.strictObject({
    rules: z
      .string()
      .max(1024 * 1024)
      .optional(),
    loop: LOOP_ID.optional(),
    limit: z.number().int().min(1).max(10_000).default(1000),
  }),
};

const LIST_INPUTS = {
  listFingerprints: z.object({
    limit: LIMIT,
    /** In a query divided by commas. */
    among: z
      .union([z.array(FINGERPRINT), z.string().transform((text) => text.split(','))])
      .pipe(z.array(FINGERPRINT).max(LIST_LIMIT))
      .optional(),
    service: NAME.optional(),
    since: NUMBER.optional(),
  }),
  /** `after`: the last number that was read, where the header Last-Event-ID cannot be sent. */
  events: z.object({ after: NUMBER.int().min(0).optional() }),
  vitals: NOTHING,
  /** A message of JSON-RPC. */
  mcp: z.looseObject({}),
  openapi: NOTHING,
};

const USER = z.string().min(1).max(1000);

const CAPTURE_INPUTS = {
  listCaptures: NOTHING,
  startCapture: CAPTURE_START,
  resolveCapture: BY_PREFIX,
  showCapture: OF_CAPTURE,
  stopCapture: OF_CAPTURE,
  deleteCapture: OF_CAPTURE,
  timeline: z.strictObject({ user: USER, since: z.number().optional(), until: z.number().optional() }),
  erase: z.strictObject({ user: USER, reason: z.string().trim().max(500).default('') }),
};

export const INPUTS = { ...ACCESS_INPUTS, ...LOOP_INPUTS, ...LIST_INPUTS, ...CAPTURE_INPUTS } satisfies Record<
  Operation,
  z.ZodType
>;

/** As it is asked with: numbers as numbers, defaults may be left out. */
export type InputOf<Op extends Operation> = z.input<(typeof INPUTS)[Op]>;
/** As it is answered: checked, with defaults. */
export type ReadInputOf<Op extends Operation> = z.output<(typeof INPUTS)[Op]>;
