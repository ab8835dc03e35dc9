import type { TimeWindow } from '../domain/noise.ts';
import type { ComparedPair, Difference } from '../api/contract/results.ts';
import { LIMITS, type Effort } from './limits.ts';
import { kindOfChange } from './values.ts';

/** What differs within one pair. */
export class Findings {
  readonly effort: Effort;
  readonly #window: TimeWindow;
  readonly #differences: Difference[] = [];
  #more = 0;
  #differs = false;

  constructor(effort: Effort, window: TimeWindow) {
    this.effort = effort;
    this.#window = window;
  }

  /** Undefined: not there. */
  compare(path: string, left: string | undefined, right: string | undefined): void {
    if (left === right) return;
    if (left === undefined) return this.add(path, left, right, 'missing-left');
    if (right === undefined) return this.add(path, left, right, 'missing-right');
    if (!this.effort.spend(left.length + right.length)) return;
    const kind = kindOfChange(path, left, right, this.#window);
    if (kind !== undefined) this.add(path, left, right, kind);
  }

  add(path: string, left: string | undefined, right: string | undefined, kind: Difference['kind']): void {
    if (kind !== 'noise' && kind !== 'hidden') this.#differs = true;
    if (this.#differences.length >= LIMITS.differencesOfPair || !this.effort.list()) this.#more += 1;
    else
      this.#differences.push({
        path,
        ...(left !== undefined && { left: cut(left) }),
        ...(right !== undefined && { right: cut(right) }),
        kind,
      });
  }

  get result(): Pick<ComparedPair, 'verdict' | 'differences' | 'more'> {
    return {
      verdict: this.#differs ? 'differs' : 'same',
      differences: this.#differences,
      ...(this.#more > 0 && { more: this.#more }),
    };
  }
}

function cut(text: string): string {
  return text.length <= LIMITS.shown ? text : `${text.slice(0, LIMITS.shown)}…`;
}
