declare const brand: unique symbol;
/** An order to keep all traffic of one user: `cap-` and 8 characters of Crockford base32, drawn at random. */
export type CaptureId = string & { readonly [brand]: 'CaptureId' };

const CAPTURE = /^cap-[0-9a-hjkmnp-tv-z]{8}$/;
const PREFIX = /^cap-[0-9a-hjkmnp-tv-z]{0,8}$/;

export function parseCaptureId(text: string): CaptureId | undefined {
  return CAPTURE.test(text) ? (text as CaptureId) : undefined;
}

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

/** The id that 8 random bytes give, of which 5 bits each are used. */
export function captureIdFrom(random: Uint8Array): CaptureId {
  return `cap-${Array.from(random.subarray(0, 8), (byte) => BASE32[byte & 31]).join('')}` as CaptureId;
}

/** A prefix a person may type for a capture id, lower-cased; undefined when no capture id can start so. No loop id has a hyphen. */
export function parseCaptureIdPrefix(text: string): string | undefined {
  const lower = text.toLowerCase();
  return PREFIX.test(lower) ? lower : undefined;
}

/** Where a value stands in an exchange. gRPC metadata are headers. Header names are lower-case, other names as they are written. */
export type Place =
  | { readonly kind: 'jwt' | 'header' | 'cookie' | 'query'; readonly name: string }
  /** A path into a JSON request body: `$.customer.id`, `$.items[0].id`. */
  | { readonly kind: 'json'; readonly name: string };

/** What every transaction of a capture shows. With `user`: the user's id at one of the configured places, or a session that is the user's. */
export interface Selector {
  readonly user?: string;
  readonly pairs: readonly Pair[];
}

export interface Pair {
  readonly place: Place;
  readonly value: string;
}

/** Where users and sessions are looked for. */
export interface UserPlaces {
  /** The first one that shows an id in an exchange tells whose it is. */
  readonly ids: readonly Place[];
  readonly sessions: readonly Place[];
  /** Ids that are nobody's: exact, or with `*` at the end. */
  readonly nobody: readonly string[];
}

export type CaptureEnd = 'time' | 'bytes' | 'count' | 'stopped';

/** Something that is missing from a capture, or bounds it, and when (Unix ms). A sentence for people. */
export interface CaptureNote {
  readonly at: number;
  readonly what: string;
}

/** A capture as it is shown: opened, so it names the user. Times are Unix ms. */
export interface Capture {
  readonly id: CaptureId;
  readonly select: Selector;
  readonly reason: string;
  /** Who started it. */
  readonly who: string;
  readonly startedAt: number;
  readonly until: number;
  /** When and how it ended; both absent while it runs. */
  readonly endedAt?: number;
  readonly endedBy?: CaptureEnd;
  readonly maxBytes: number;
  readonly maxTransactions: number;
  /** False: only what comes after its start. */
  readonly lookBack: boolean;
  /** The oldest moment of which anything was still at hand when it began; absent until the look back is over, and without one. */
  readonly reachedBackTo?: number;
  readonly transactions: number;
  readonly failed: number;
  /** Found, but with something missing. */
  readonly notWhole: number;
  readonly bytes: number;
  /** Transactions that show the user and another one too: not taken. */
  readonly leftOut: number;
  readonly notes: readonly CaptureNote[];
}
