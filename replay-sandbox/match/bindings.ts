/**
 * Values that the service makes anew in a replay, and the recorded ones in whose place they stand. Two are bound where they first meet, in a
 * question that was otherwise the same; from then on one finds what was recorded of the other, over any protocol, and answers speak of the new one.
 */
import type { Difference } from './difference.ts';
import { identitiesIn, isIdentity, pairsIn, type Pair } from '../../src/domain/noise.ts';
import { Replacements, TIME } from './replacements.ts';

/** Each is looked for in each message of an answer: what one request makes, not what a job makes. */
const MOST = 512;
/** Shorter ones stand in too much that means something else. */
const SHORTEST = 8;

/** `bound`: at least one id is the one bound before. `other`: an id is bound to another. `free`: neither. */
export type Relation = 'bound' | 'other' | 'free';

export class Bindings {
  readonly #askedOf = new Map<string, string>();
  readonly #recordedOf = new Map<string, string>();
  /** Times, which name nothing: one that stands for two is bound to neither. */
  readonly #times = new Map<string, string | undefined>();

  /** The ids and the times that stand for one, in texts. */
  #anew = new Replacements();
  #recalled = new Replacements();
  /** The ids in bytes, as Latin-1. */
  #bytes = new Replacements();
  /** Asked ids by their 16 bytes. */
  readonly #askedBy = new Map<string, string>();
  /** Recorded ids that the service names in the replay too: they stand for themselves, and for nothing else. */
  readonly #kept = new Set<string>();

  /** The same, to be changed without changing these. */
  copy(): Bindings {
    const copy = new Bindings();
    for (const [recorded, asked] of this.#askedOf) copy.#askedOf.set(recorded, asked);
    for (const [asked, recorded] of this.#recordedOf) copy.#recordedOf.set(asked, recorded);
    for (const [recorded, asked] of this.#times) copy.#times.set(recorded, asked);
    for (const id of this.#kept) copy.#kept.add(id);
    copy.#anew = this.#anew.copy();
    copy.#recalled = this.#recalled.copy();
    copy.#bytes = this.#bytes.copy();
    for (const [binary, asked] of this.#askedBy) copy.#askedBy.set(binary, asked);
    return copy;
  }

  /** A recorded question was asked again. `found`: in what the two differ. */
  met(question: string, found: readonly Difference[]): void {
    const changed = new Set(pairsOf(found).map(({ recorded }) => recorded));
    for (const id of identitiesIn(question)) {
      if (this.#kept.size >= MOST) return;
      if (!changed.has(id) && !this.#askedOf.has(id)) this.#kept.add(id);
    }
  }

  /** How the ids among these differences stand to what is bound. */
  relation(found: readonly Difference[]): Relation {
    const relations = pairsOf(found).map((pair) => this.#relationOf(pair));
    if (relations.includes('other')) return 'other';
    return relations.includes('bound') ? 'bound' : 'free';
  }

  /** Binds the ids and times among these differences that are not bound yet. */
  bind(found: readonly Difference[]): void {
    for (const pair of pairsOf(found)) {
      if (this.#relationOf(pair) !== 'free' || this.#askedOf.size >= MOST) continue;
      this.#askedOf.set(pair.recorded, pair.asked);
      this.#recordedOf.set(pair.asked, pair.recorded);
      this.#anew.set(pair.recorded, pair.asked);
      this.#recalled.set(pair.asked, pair.recorded);
      for (const [from, to] of spellings(pair.recorded, pair.asked)) {
        this.#bytes.set(from, to);
        this.#askedBy.set(to, pair.asked);
      }
    }
    for (const { recorded, asked } of timesOf(found)) {
      if (this.#times.size >= MOST) return;
      const known = this.#times.has(recorded) ? this.#times.get(recorded) : asked;
      this.#times.set(recorded, known === asked ? asked : undefined);
      if (known === asked) this.#anew.set(recorded, asked);
      else this.#anew.delete(recorded);
    }
  }

  /**
   * The bytes with each recorded id, as text or as the 16 bytes of a UUID, replaced by its new one, where that is as long: the bytes may have
   * lengths in them. The new ones that stand in them are added to `anew`.
   */
  replaced(bytes: Uint8Array, anew = new Set<string>()): Uint8Array {
    if (this.#askedBy.size === 0) return bytes;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const result = this.#bytes.apply(text, (to) => anew.add(this.#askedBy.get(to) ?? to));
    return result === text ? bytes : Buffer.from(result, 'latin1');
  }

  /** The same of text, where nothing depends on its length: times too. */
  rewritten(text: string, anew = new Set<string>()): string {
    return this.#anew.apply(text, (asked) => anew.add(asked));
  }

  /** The text with each new id replaced by the recorded one in whose place it stands. */
  recalled(text: string): string {
    return this.#recalled.apply(text);
  }

  /** The asked value is the recorded one, said of what is bound. */
  isSame(recorded: string | undefined, asked: string | undefined): boolean {
    if (recorded === undefined || asked === undefined || recorded === asked) return recorded === asked;
    return this.recalled(asked) === recorded || this.rewritten(recorded) === asked;
  }

  /** The same, and what is bound is no difference, whatever it looks like. */
  noted(found: readonly Difference[]): readonly Difference[] {
    if (this.#recordedOf.size === 0 && this.#times.size === 0) return found;
    return found.map((one) => (!one.noise && this.isSame(one.recorded, one.asked) ? { ...one, noise: true } : one));
  }

  #relationOf({ recorded, asked }: Pair): Relation {
    const bound = this.#askedOf.get(recorded);
    if (bound === asked) return 'bound';
    if (this.#kept.has(recorded) || this.#kept.has(asked)) return 'other';
    return bound === undefined && !this.#recordedOf.has(asked) ? 'free' : 'other';
  }
}

function pairsOf(found: readonly Difference[]): readonly Pair[] {
  return noisy(found).filter(
    ({ recorded, asked, names }) =>
      (names && isName(recorded) && isName(asked)) || (isIdentity(recorded) && isIdentity(asked)),
  );
}

/** A word, or a number, stands in much that means something else. */
function isName(text: string): boolean {
  return isIdentity(text) || (text.length >= SHORTEST && /\d/.test(text) && /[a-z]/i.test(text));
}

function timesOf(found: readonly Difference[]): readonly Pair[] {
  return noisy(found).filter(({ recorded, asked }) => TIME.test(recorded) && TIME.test(asked));
}

/** What differs inside each: the part of a key, the id in a sentence. */
function noisy(found: readonly Difference[]): readonly (Pair & { readonly names: boolean })[] {
  return found
    .filter(({ noise }) => noise)
    .flatMap(({ recorded, asked, names = false }) => {
      const whole = { recorded: unquoted(recorded ?? ''), asked: unquoted(asked ?? ''), names };
      const inside = names ? undefined : pairsIn(whole.recorded, whole.asked);
      return inside?.map((pair) => ({ ...pair, names })) ?? [whole];
    });
}

/** A constant of a statement stands in its quotes. */
function unquoted(text: string): string {
  return /^'[\s\S]*'$/.test(text) ? text.slice(1, -1) : text;
}

/** How a pair may be written in bytes, as Latin-1. */
function spellings(recorded: string, asked: string): readonly (readonly [string, string])[] {
  if (recorded.length !== asked.length) return [];
  const text = [latin1(recorded), latin1(asked)] as const;
  const [from, to] = [recorded, asked].map((id) => Buffer.from(id.replaceAll('-', ''), 'hex'));
  const uuid = recorded.length === 36 && from?.length === 16 && to?.length === 16;
  return uuid ? [text, [from.toString('latin1'), to.toString('latin1')]] : [text];
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
