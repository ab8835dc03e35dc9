/** Many values replaced by others in one pass: what was put in is not replaced again, and two may change places. */
import { isIdentity } from '../../src/domain/noise.ts';

/** Exact to the millisecond at least: others are said of much. */
export const TIME = /^(?:\d{13}|\d{16}|\d{4,5}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{3,}(?:Z|[+-][\d:]+)?)$/;

export class Replacements {
  readonly #of: Map<string, string>;
  #pattern: RegExp | undefined;

  constructor(known: Iterable<readonly [string, string]> = []) {
    this.#of = new Map(known);
  }

  copy(): Replacements {
    return new Replacements(this.#of);
  }

  set(from: string, to: string): void {
    this.#of.set(from, to);
    this.#pattern = undefined;
  }

  delete(from: string): void {
    this.#of.delete(from);
    this.#pattern = undefined;
  }

  /** What stands in the text, each with its place, from left to right; of two at one place the longer. */
  *in(text: string): Iterable<{ readonly at: number; readonly from: string; readonly to: string }> {
    if (this.#of.size === 0) return;
    this.#pattern ??= patternOf(this.#of.keys());
    for (const { 0: from, index } of text.matchAll(this.#pattern))
      yield { at: index, from, to: this.#of.get(from) ?? from };
  }

  /** `seen` is called with each value that is put in. */
  apply(text: string, seen: (to: string) => void = () => undefined): string {
    let result = '';
    let done = 0;
    for (const { at, from, to } of this.in(text)) {
      result += text.slice(done, at) + to;
      done = at + from.length;
      seen(to);
    }
    return done === 0 ? text : result + text.slice(done);
  }
}

function patternOf(values: Iterable<string>): RegExp {
  const longest = [...values].toSorted((one, other) => other.length - one.length);
  return new RegExp(longest.map(bounded).join('|'), 'g');
}

/** No digits out of a longer number; no name out of a longer one. An id that is known by its shape stands anywhere. */
function bounded(value: string): string {
  const text = value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
  if (/^\d+$/.test(value) || TIME.test(value)) return String.raw`(?<!\d)${text}(?!\d)`;
  return isIdentity(value) || isBinary(value) ? text : String.raw`(?<![\w-])${text}(?![\w-])`;
}

/** The 16 bytes of a UUID, as Latin-1. */
function isBinary(value: string): boolean {
  return value.length === 16 && !/^[\w+/=.~:%-]+$/.test(value);
}
