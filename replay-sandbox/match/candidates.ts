/** Recorded questions that may answer what is asked, found by what they ask, and how often each has answered. */
import type { StreamId } from '../../src/domain/ids.ts';
import type { AnswerSource } from './call.ts';
import type { Difference } from './difference.ts';

/** Where a recorded question stands. */
export interface Recorded {
  readonly source: AnswerSource;
  readonly conversation: StreamId;
}

export interface Candidate<T extends Recorded> {
  readonly recorded: T;
  served: number;
}

/** How its values differ from the asked ones. */
export interface Compared<T extends Recorded> {
  readonly candidate: Candidate<T>;
  readonly found: readonly Difference[];
}

/** Which recorded connection a replayed one follows. One per replayed connection, kept by its owner, changed where an answer is chosen. */
export interface Following {
  conversation?: StreamId;
}

/** How sure it is that what was recorded is this transaction's own. */
export type Standing = 'certain' | 'possible' | 'other';

/** In which order they are asked. */
export const STANDINGS: readonly Standing[] = ['certain', 'possible', 'other'];

export function standingOf(source: AnswerSource): Standing {
  if (source === 'loop') return 'certain';
  return source === 'candidate' ? 'possible' : 'other';
}

/**
 * In recorded order. `shape`: what has another one is another question, and is never compared. `exact`: what has the same one asks the same,
 * and is found without comparing, however many there are of one shape.
 */
export class Candidates<T extends Recorded> {
  readonly #all: Candidate<T>[] = [];
  readonly #byShape = new Map<string, Record<Standing, Candidate<T>[]>>();
  readonly #byExact = new Map<string, Candidate<T>[]>();
  readonly #free = new Map<string, Queue<T>>();

  add(recorded: T, shape: string, exact: string): Candidate<T> {
    const candidate: Candidate<T> = { recorded, served: 0 };
    const standing = standingOf(recorded.source);
    this.#all.push(candidate);
    entry(this.#byShape, shape, () => ({ certain: [], possible: [], other: [] }))[standing].push(candidate);
    entry(this.#byExact, exact, () => []).push(candidate);
    entry(this.#free, `${standing} ${exact}`, () => new Queue<T>()).push(candidate);
    entry(this.#free, `${standing} ${exact} ${recorded.conversation}`, () => new Queue<T>()).push(candidate);
    return candidate;
  }

  all(): readonly Candidate<T>[] {
    return this.#all;
  }

  ofShape(shape: string, standing: Standing): readonly Candidate<T>[] {
    return this.#byShape.get(shape)?.[standing] ?? [];
  }

  /** All that ask exactly this, served or not. */
  asking(exact: string): readonly Candidate<T>[] {
    return this.#byExact.get(exact) ?? [];
  }

  /** Asks exactly this and is not served yet: of the followed connection, else the earliest. */
  free(exact: string, standing: Standing, { conversation }: Following): Candidate<T> | undefined {
    const own = conversation && this.#free.get(`${standing} ${exact} ${conversation}`)?.first();
    return own ?? this.#free.get(`${standing} ${exact}`)?.first();
  }
}

/** In order. What is served never becomes free again: each is passed once. */
export class Queue<T extends Recorded> {
  readonly #all: Candidate<T>[] = [];
  #at = 0;

  get all(): readonly Candidate<T>[] {
    return this.#all;
  }

  push(candidate: Candidate<T>): void {
    this.#all.push(candidate);
  }

  /** The first that is not served yet. */
  first(): Candidate<T> | undefined {
    while ((this.#all[this.#at]?.served ?? 0) > 0) this.#at += 1;
    return this.#all[this.#at];
  }
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
