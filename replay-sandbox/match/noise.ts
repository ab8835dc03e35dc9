/**
 * Values that differ between two runs of the same code: ids, times, signatures. Two values of the same noise class are no difference.
 * Classes are known by shape, never configured.
 */
interface NoiseClass {
  readonly name: string;
  matches(text: string, window: TimeWindow): boolean;
}

/** The recorded and the present time, Unix ms: times outside both are data, not noise. */
export interface TimeWindow {
  readonly recordedAt: number;
  readonly now: number;
}

const DAY_MS = 86_400_000;

const CLASSES: readonly NoiseClass[] = [
  shape('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i),
  shape('ulid', /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
  shape('jwt', /^(?:Bearer )?eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*$/),
  shape('hex digest', /^(?=.*\d)(?=.*[a-f])(?:[0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i),
  shape('traceparent', /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
  { name: 'time', matches: (text, window) => isTime(text, window) },
];

function shape(name: string, pattern: RegExp): NoiseClass {
  return { name, matches: (text) => pattern.test(text) };
}

function isTime(text: string, window: TimeWindow): boolean {
  const unix = unixMs(text);
  return unix !== undefined && [window.recordedAt, window.now].some((near) => Math.abs(unix - near) < DAY_MS);
}

/** ISO 8601 with time, or epoch seconds, milliseconds, microseconds, nanoseconds by number of digits. */
function unixMs(text: string): number | undefined {
  if (/^\d{4,5}-\d\d-\d\d[T ]\d\d:\d\d/.test(text))
    return Number.isNaN(Date.parse(text)) ? undefined : Date.parse(text);
  if (/^\d{10}(?:\.\d+)?$/.test(text)) return Number(text) * 1e3;
  if (/^\d{13}$/.test(text)) return Number(text);
  if (/^\d{16}$/.test(text)) return Number(text) / 1e3;
  if (/^\d{19}$/.test(text)) return Number(text) / 1e6;
  return undefined;
}

/** Noise of any class is at least as long. */
const SHORTEST = 10;

/** The noise class of a value, or undefined when it is data. */
function noiseClass(text: string, window: TimeWindow): string | undefined {
  if (text.length < SHORTEST) return undefined;
  return CLASSES.find((candidate) => candidate.matches(text, window))?.name;
}

/** Longer texts are found only as they are. */
const MASKED_CHARACTERS = 65_536;
const LIKE_NOISE =
  /(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-z]{16}|[0-9a-z]{24}|[0-9a-z]{26}|[0-9a-z]{32}|[0-9a-z]{40}|[0-9a-z]{64}|\d{10}(?:\.\d+)?|\d{13}|\d{19}|\d{4,5}-\d\d-\d\d[T ]\d\d:\d\d[\d:.Z+-]*)(?![0-9a-z])/gi;

/** Everything that may be noise left out: what has the same text is worth comparing first. */
export function masked(text: string): string {
  return text.length > MASKED_CHARACTERS ? text : text.replace(LIKE_NOISE, '\0');
}

/** Classes whose values name a thing: two of them in one place name the same thing, then and now. */
const IDENTITIES: readonly NoiseClass[] = CLASSES.filter(({ name }) => ['uuid', 'ulid', 'hex digest'].includes(name));

export function isIdentity(text: string): boolean {
  return IDENTITIES.some((identity) => identity.matches(text, { recordedAt: 0, now: 0 }));
}

/** Same value, or two values of one noise class. */
export function compareValues(recorded: string, asked: string, window: TimeWindow): 'same' | 'noise' | 'different' {
  if (recorded === asked) return 'same';
  const known = noiseClass(recorded, window);
  return known !== undefined && known === noiseClass(asked, window) ? 'noise' : 'different';
}
