/** JSON of unknown origin. */

/** Deeper JSON is compared as text: walking it would overflow the stack, and no service means it. */
const JSON_DEPTH = 200;
/** Only what has as many digits in a row may hold a number that a double does not. */
const MANY_DIGITS = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** `1850000000000000001` */
interface RawJson {
  readonly rawJSON: string;
}

/** The part of JSON that TypeScript does not know yet: https://github.com/tc39/proposal-json-parse-with-source */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): boolean;
}

const EXACT = JSON as unknown as ExactJson;

/**
 * Undefined for text that is no JSON, or too deep to be walked. An integer that no double holds is kept digit by digit (`isLongInteger`), and
 * written so by JSON.stringify: two ids of 19 digits are two.
 */
export function parseJson(text: string): unknown {
  if (depthOf(text) > JSON_DEPTH) return undefined;
  try {
    return MANY_DIGITS.test(text) ? EXACT.parse(text, exactly) : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function exactly(_key: string, value: unknown, { source = '' }: { readonly source?: string }): unknown {
  const isLong = typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source);
  return isLong ? EXACT.rawJSON(source) : value;
}

/** An object in JavaScript, and a number in JSON. */
export function isLongInteger(value: unknown): value is RawJson {
  return EXACT.isRawJSON(value);
}

/** Neither an array nor a long integer. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLongInteger(value);
}

/** As a text, which strings are by themselves. */
export function textOfJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Brackets inside strings count too: too high an estimate only costs a comparison by value. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, (depth += 1));
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}
