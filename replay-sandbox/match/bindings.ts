/**
 * Ids that the service makes anew in a replay, and the recorded ones in whose place they stand. Two are bound where they first meet, in a
 * question that was otherwise the same; from then on one finds what was recorded of the other, and answers speak of the new one.
 */
import type { Difference } from './difference.ts';
import { isIdentity } from './noise.ts';

/** Each is looked for in each message of an answer: what one request makes, not what a job makes. */
const MOST = 256;

/** `bound`: at least one id is the one bound before. `other`: an id is bound to another. `free`: neither. */
export type Relation = 'bound' | 'other' | 'free';

interface Pair {
  readonly recorded: string;
  readonly asked: string;
}

export class Bindings {
  readonly #askedOf = new Map<string, string>();
  readonly #recordedOf = new Map<string, string>();

  /** How the ids among these differences stand to what is bound. */
  relation(found: readonly Difference[]): Relation {
    const relations = pairsOf(found).map((pair) => this.#relationOf(pair));
    if (relations.includes('other')) return 'other';
    return relations.includes('bound') ? 'bound' : 'free';
  }

  /** Binds the ids among these differences that are not bound yet. */
  bind(found: readonly Difference[]): void {
    for (const pair of pairsOf(found)) {
      if (this.#relationOf(pair) !== 'free' || this.#askedOf.size >= MOST) continue;
      this.#askedOf.set(pair.recorded, pair.asked);
      this.#recordedOf.set(pair.asked, pair.recorded);
    }
  }

  /**
   * The bytes with each recorded id, as text or as the 16 bytes of a UUID, replaced by its new one, which is as long. The new ones that stand in
   * them are added to `anew`.
   */
  replaced(bytes: Uint8Array, anew = new Set<string>()): Uint8Array {
    const original = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let result = original;
    for (const [recorded, asked] of this.#askedOf) {
      for (const [from, to] of spellings(recorded, asked)) {
        for (let at = result.indexOf(from); at >= 0; at = result.indexOf(from, at + to.length)) {
          // A copy once something changes: the recording stays as it is.
          if (result === original) result = Buffer.from(original);
          to.copy(result, at);
          anew.add(asked);
        }
      }
    }
    return result === original ? bytes : result;
  }

  /** The text with each new id replaced by the recorded one in whose place it stands. */
  recalled(text: string): string {
    let result = text;
    for (const [asked, recorded] of this.#recordedOf) result = result.replaceAll(asked, recorded);
    return result;
  }

  #relationOf({ recorded, asked }: Pair): Relation {
    const bound = this.#askedOf.get(recorded);
    if (bound === asked) return 'bound';
    return bound === undefined && !this.#recordedOf.has(asked) ? 'free' : 'other';
  }
}

function pairsOf(found: readonly Difference[]): readonly Pair[] {
  return found
    .filter(({ noise }) => noise)
    .map(({ recorded, asked }) => ({ recorded: unquoted(recorded ?? ''), asked: unquoted(asked ?? '') }))
    .filter(({ recorded, asked }) => recorded.length === asked.length && isIdentity(recorded) && isIdentity(asked));
}

/** A constant of a statement stands in its quotes. */
function unquoted(text: string): string {
  return /^'[\s\S]*'$/.test(text) ? text.slice(1, -1) : text;
}

function spellings(recorded: string, asked: string): readonly (readonly [Buffer, Buffer])[] {
  const text = [Buffer.from(recorded), Buffer.from(asked)] as const;
  const [from, to] = [recorded, asked].map((id) => Buffer.from(id.replaceAll('-', ''), 'hex'));
  const uuid = recorded.length === 36 && from?.length === 16 && to?.length === 16;
  return uuid ? [text, [from, to]] : [text];
}
