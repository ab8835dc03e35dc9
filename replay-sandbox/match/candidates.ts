/** Recorded questions that may answer what is asked, found by what they ask, and how often each has answered. */
import { createHash } from 'node:crypto';
import type { StreamId } from '../../src/domain/ids.ts';
import type { AnswerSource } from './call.ts';
import type { Difference } from './difference.ts';
import { masked } from '../../src/domain/noise.ts';

/** Where a recorded question stands. */
export interface Recorded {
  readonly source: AnswerSource;
  readonly conversation: StreamId;
}

export interface Candidate<T extends Recorded> {
  readonly recorded: T;
  served: number;
  /** How often it stood in for another question: it is still there for its own. */
  lent: number;
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
/** Those that may be the transaction's own. */
export const OWN: readonly Standing[] = ['certain', 'possible'];

/**
 * Whether another's answer may be given: nobody's money is moved by what another paid. What is asked outside of any transaction, as at
 * start-up, may be a write, where the transaction itself asks none such (`hasOwn`).
 */
export function mayBorrow(
  source: AnswerSource,
  { read, hasOwn }: { readonly read: boolean; readonly hasOwn: boolean },
) {
  return read || (source === 'ambient' && !hasOwn);
}

export function standingOf(source: AnswerSource): Standing {
  if (source === 'loop') return 'certain';
  return source === 'candidate' ? 'possible' : 'other';
}

/**
 * In recorded order. `shape`: what has another one is another question, and is never compared. `text`: what has the same one asks the same, and
 * is found without comparing, however many there are of one shape.
 */
export class Candidates<T extends Recorded> {
  readonly #all: Candidate<T>[] = [];
  readonly #byShape = new Map<string, Record<Standing, Candidate<T>[]>>();
  readonly #byText = new Map<string, Candidate<T>[]>();
  readonly #free = new Map<string, Queue<T>>();

  add(recorded: T, shape: string, text: string): Candidate<T> {
    const candidate: Candidate<T> = { recorded, served: 0, lent: 0 };
    const { conversation, source } = recorded;
    const standing = standingOf(source);
    const [exact, like] = [digestOf(text), digestOf(masked(text))];
    this.#all.push(candidate);
    entry(this.#byShape, shape, () => ({ certain: [], possible: [], other: [] }))[standing].push(candidate);
    entry(this.#byText, exact, () => []).push(candidate);
    for (const key of exact === like ? [exact] : [exact, `like ${like}`])
      for (const owner of ['', conversation])
        entry(this.#free, `${standing} ${key} ${owner}`, () => new Queue<T>()).push(candidate);
    return candidate;
  }

  all(): readonly Candidate<T>[] {
    return this.#all;
  }

  ofShape(shape: string, standing: Standing): readonly Candidate<T>[] {
    return this.#byShape.get(shape)?.[standing] ?? [];
  }

  /** All that ask exactly this, served or not. */
  asking(text: string): readonly Candidate<T>[] {
    return this.#byText.get(digestOf(text)) ?? [];
  }

  /** Asks exactly this and is not served yet: of the followed connection, else the earliest. */
  free(text: string, standing: Standing, { conversation }: Following): Candidate<T> | undefined {
    const key = `${standing} ${digestOf(text)}`;
    return this.#free.get(`${key} ${conversation ?? NONE}`)?.first() ?? this.#free.get(`${key} `)?.first();
  }

  /** Some that are not served yet and may ask this but for noise, in the same order. */
  *alike(text: string, standing: Standing, { conversation }: Following): Iterable<Candidate<T>> {
    const key = `${standing} like ${digestOf(masked(text))}`;
    yield* this.#free.get(`${key} ${conversation ?? NONE}`)?.some() ?? [];
    yield* this.#free.get(`${key} `)?.some() ?? [];
  }
}

/** A replayed connection that follows none yet. */
const NONE = '-';
/** What looks alike mostly is asked in recorded order: the right one stands in front. */
const SOME = 32;

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
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

  /** The first few that are not served yet. */
  some(): readonly Candidate<T>[] {
    this.first();
    return this.#all.slice(this.#at, this.#at + SOME).filter(({ served }) => served === 0);
  }
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
