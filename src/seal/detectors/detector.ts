/** Finds secrets by their looks, whatever their name. Each detector is linear in the text: it is hostile. */
export interface Detector {
  /** For people: `card`, `e-mail`. */
  readonly name: string;
  /** Non-overlapping, in order. */
  find(text: string): Iterable<Span>;
}

/** Characters from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Whatever `detectors` find, replaced; each looks at what those before it have left. */
export function replaceFound(text: string, detectors: readonly Detector[], replace: (found: string) => string): string {
  return detectors.reduce((current, detector) => replaceSpans(current, detector.find(current), replace), text);
}

function replaceSpans(text: string, spans: Iterable<Span>, replace: (found: string) => string): string {
  let result = '';
  let done = 0;
  for (const { start, end } of spans) {
    result += text.slice(done, start) + replace(text.slice(start, end));
    done = end;
  }
  return done === 0 ? text : result + text.slice(done);
}

/** `search` where the text has what every find has; most texts have not, and a glance is cheaper than a search. */
export function glanced(
  name: string,
  has: (text: string) => boolean,
  search: (text: string) => Iterable<Span>,
): Detector {
  return { name, find: (text) => (has(text) ? search(text) : NOTHING) };
}

const NOTHING: readonly Span[] = [];

/** Where the first group of `pattern` that took part matched, else all of the match. `pattern` has the flags `g` and `d`. */
export function* groups(text: string, pattern: RegExp): Generator<Span> {
  for (const found of text.matchAll(pattern)) {
    const [start, end] = found.indices?.slice(1).find((group) => group !== undefined) ??
      found.indices?.[0] ?? [found.index, found.index + found[0].length];
    yield { start, end };
  }
}
