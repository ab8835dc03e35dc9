/**
 * Values that differ between two runs of the same code: ids, times, signatures. Two values of the same noise class are no difference.
 * Classes are known by shape, never configured; what is known by the name it stands under is in made-anew.ts.
 */
import { ksuidTime, snowflakeTimes } from './timed-ids.ts';

/** Whether a time, Unix ms, is one of the two runs'. */
type Near = (unix: number) => boolean;

interface NoiseClass {
  readonly name: string;
  /** Its values name a thing: two of them in one place name the same thing, then and now. */
  readonly identity?: true;
  matches(text: string, near: Near): boolean;
}

/** The recorded and the present time, Unix ms: times outside both are data, not noise. */
export interface TimeWindow {
  readonly recordedAt: number;
  readonly now: number;
}

const DAY_MS = 86_400_000;

const CLASSES: readonly NoiseClass[] = [
  // Of any version, 7 too.
  id('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i),
  id('ulid', /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
  { name: 'ksuid', identity: true, matches: (text, near) => isAny([ksuidTime(text)], near) },
  id('jwt', /^(?:Bearer )?eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*$/),
  // An ObjectId is one of 24.
  id('hex digest', /^(?=.*\d)(?=.*[a-f])(?:[0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i),
  shape('traceparent', /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
  // A key and the day it signs for. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
  shape('sigv4 scope', /^[\w-]{16,128}\/\d{8}\/[\w-]+\/[\w-]+\/aws4_request$/),
  { name: 'time', matches: (text, near) => isAny([unixMs(text)], near) },
  { name: 'snowflake', identity: true, matches: (text, near) => isAny(snowflakeTimes(text), near) },
];

function shape(name: string, pattern: RegExp): NoiseClass {
  return { name, matches: (text) => pattern.test(text) };
}

function id(name: string, pattern: RegExp): NoiseClass {
  return { ...shape(name, pattern), identity: true };
}

function isAny(times: readonly (number | undefined)[], near: Near): boolean {
  return times.some((unix) => unix !== undefined && near(unix));
}

function nearOf({ recordedAt, now }: TimeWindow): Near {
  return (unix) => Math.abs(unix - recordedAt) < DAY_MS || Math.abs(unix - now) < DAY_MS;
}

/** ISO 8601 with time, also in its basic form, or epoch seconds, milliseconds, microseconds, nanoseconds by number of digits. */
function unixMs(text: string): number | undefined {
  const basic = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  if (/^\d{4,5}-\d\d-\d\d[T ]\d\d:\d\d/.test(basic))
    return Number.isNaN(Date.parse(basic)) ? undefined : Date.parse(basic);
  if (/^\d{10}(?:\.\d+)?$/.test(text)) return Number(text) * 1e3;
  if (/^\d{13}$/.test(text)) return Number(text);
  if (/^\d{16}$/.test(text)) return Number(text) / 1e3;
  if (/^\d{19}$/.test(text)) return Number(text) / 1e6;
  return undefined;
}

/** Noise of any class is at least as long. */
const SHORTEST = 10;

/** The noise class of a value, or undefined when it is data. */
function noiseClass(text: string, near: Near): string | undefined {
  if (text.length < SHORTEST) return undefined;
  return CLASSES.find((candidate) => candidate.matches(text, near))?.name;
}

/** Longer texts are found only as they are. */
const MASKED_CHARACTERS = 65_536;
const LIKE_NOISE =
  /(?<![0-9a-z])(?:eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{8}T\d{6}Z|\d{4,5}-\d\d-\d\d[T ]\d\d:\d\d[\d:.Z+-]*|[0-9a-z]{16}|[0-9a-z]{24}|[0-9a-z]{26,27}|[0-9a-z]{32}|[0-9a-z]{40}|[0-9a-z]{64}|\d{10}(?:\.\d+)?|\d{13}|\d{17,19})(?![0-9a-z])/gi;

/** Everything that may be noise left out: what has the same text is worth comparing first. */
export function masked(text: string): string {
  return text.length > MASKED_CHARACTERS ? text : text.replace(LIKE_NOISE, '\0');
}

/** Two values that stand in each other's place. */
export interface Pair {
  readonly recorded: string;
  readonly asked: string;
}

/** What differs inside two texts that are the same but for what may be noise: `order:<id>`. Undefined: they differ in more. */
export function pairsIn(recorded: string, asked: string): readonly Pair[] | undefined {
  if (recorded.length > MASKED_CHARACTERS || masked(recorded) !== masked(asked)) return undefined;
  const now = asked.match(LIKE_NOISE) ?? [];
  const pairs = (recorded.match(LIKE_NOISE) ?? []).map((one, at) => ({ recorded: one, asked: now[at] ?? '' }));
  return pairs.filter((pair) => pair.recorded !== pair.asked);
}

export function isIdentity(text: string): boolean {
  return CLASSES.some((one) => one.identity === true && one.matches(text, () => true));
}

/** The ids that stand in a text. */
export function identitiesIn(text: string): readonly string[] {
  return text.length > MASKED_CHARACTERS ? [] : (text.match(LIKE_NOISE) ?? []).filter(isIdentity);
}

/** Same value, or two values of one noise class, also inside of longer text. */
export function compareValues(recorded: string, asked: string, window: TimeWindow): 'same' | 'noise' | 'different' {
  if (recorded === asked) return 'same';
  if (recorded.length < SHORTEST || asked.length < SHORTEST) return 'different';
  const near = nearOf(window);
  const isNoise = (then: string, now: string): boolean => {
    const known = noiseClass(then, near);
    return known !== undefined && known === noiseClass(now, near);
  };
  if (isNoise(recorded, asked)) return 'noise';
  const inside = pairsIn(recorded, asked);
  const all = inside !== undefined && inside.length > 0 && inside.every((pair) => isNoise(pair.recorded, pair.asked));
  return all ? 'noise' : 'different';
}
