/** `$.customer.id`, `$.items[0].sku`, `$['a b']`: keys and indices only, so that one path names one value (a subset of RFC 9535). */

export type JsonStep = string | number;

const STEP = /\.([A-Za-z_$][\w$-]*)|\[(\d{1,6})\]|\['([^'\\]{1,200})'\]/y;
const MOST_STEPS = 32;

/** Undefined for text that is no such path. */
export function parseJsonPath(text: string): readonly JsonStep[] | undefined {
  if (!text.startsWith('$')) return undefined;
  const steps: JsonStep[] = [];
  let at = 1;
  while (at < text.length) {
    STEP.lastIndex = at;
    const [all, key, index, quoted] = STEP.exec(text) ?? [];
    if (all === undefined || steps.length === MOST_STEPS) return undefined;
    steps.push(index === undefined ? (key ?? quoted ?? '') : Number(index));
    at += all.length;
  }
  return steps.length === 0 ? undefined : steps;
}

/** Text or a number at the path, as text; undefined for anything else. */
export function readJsonPath(value: unknown, steps: readonly JsonStep[]): string | undefined {
  let found = value;
  for (const step of steps) {
    if (typeof found !== 'object' || found === null) return undefined;
    if (Array.isArray(found) !== (typeof step === 'number') || !Object.hasOwn(found, step)) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[step];
  }
  return textOf(found);
}

/** An id is text, or a number that JSON can hold exactly. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value))
    ? String(value)
    : undefined;
}
