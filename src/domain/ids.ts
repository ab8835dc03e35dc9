/** Named string types; each value is made only by the parser or factory beside its type. */
declare const brand: unique symbol;
type Named<Name extends string> = string & { readonly [brand]: Name };

/** One running recorder: 16 lower-case hex digits, drawn once per start of the ingest thread; the first four count on when its numbers do (nameInEra). */
export type RecorderId = Named<'RecorderId'>;
/** One captured stream (an exchange or a conversation) anywhere: `<recorder>.<number in that recorder>`. */
export type StreamId = Named<'StreamId'>;
/** What joins the exchanges of a transaction: `trace:<32 hex>` or, without trace context, `request:<x-request-id>`. */
export type TransactionKey = Named<'TransactionKey'>;
/** A kept transaction: 12 characters of Crockford base32, derived from the transaction key so that every sink names it alike. */
export type LoopId = Named<'LoopId'>;
/** What repeats of one failure share: 12 hex digits. */
export type Fingerprint = Named<'Fingerprint'>;

const RECORDER = /^[0-9a-f]{16}$/;
const TRANSACTION = /^(?:trace:[0-9a-f]{32}|request:[\x21-\x7e]{1,200})$/;
const LOOP = /^[0-9a-hjkmnp-tv-z]{12}$/;
const LOOP_PREFIX = /^[0-9a-hjkmnp-tv-z]{1,12}$/;
const FINGERPRINT = /^[0-9a-f]{12}$/;

export function parseRecorderId(text: string): RecorderId | undefined {
  return RECORDER.test(text) ? (text as RecorderId) : undefined;
}

const ERA_DIGITS = 4;

/** The recorder's name after `era` times 2^30 streams: it numbers them in 32 bits, and a name and a number never mean two streams. */
export function nameInEra(recorder: RecorderId, era: number): RecorderId {
  if (era === 0) return recorder;
  const counted = (Number.parseInt(recorder.slice(0, ERA_DIGITS), 16) + era) % 16 ** ERA_DIGITS;
  return (counted.toString(16).padStart(ERA_DIGITS, '0') + recorder.slice(ERA_DIGITS)) as RecorderId;
}

/** Whatever each is called by now. */
export function isSameRecorder(one: RecorderId, other: RecorderId): boolean {
  return one.slice(ERA_DIGITS) === other.slice(ERA_DIGITS);
}

export function streamId(recorder: RecorderId, number: number): StreamId {
  return `${recorder}.${number}` as StreamId;
}

export function parseTransactionKey(text: string): TransactionKey | undefined {
  return TRANSACTION.test(text) ? (text as TransactionKey) : undefined;
}

/** The key of a stream that shows none of its own: it is a transaction by itself. */
export function keyOfStream(stream: StreamId): TransactionKey {
  return `request:${stream}` as TransactionKey;
}

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

/** The loop id a digest gives (at least 12 bytes, of which 5 bits each are used): the same transaction has the same id everywhere. */
export function loopIdFrom(digest: Uint8Array): LoopId {
  return Array.from(digest.subarray(0, 12), (byte) => BASE32[byte & 31]).join('') as LoopId;
}

export function parseLoopId(text: string): LoopId | undefined {
  return LOOP.test(text) ? (text as LoopId) : undefined;
}

/** A prefix a person may type for a loop id, lower-cased; undefined when no loop id can start so. */
export function parseLoopIdPrefix(text: string): string | undefined {
  const lower = text.toLowerCase();
  return LOOP_PREFIX.test(lower) ? lower : undefined;
}

export function parseFingerprint(text: string): Fingerprint | undefined {
  return FINGERPRINT.test(text) ? (text as Fingerprint) : undefined;
}
