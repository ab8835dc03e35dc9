/** When the ring is to brake: failures of one signature that the budget refuses again and again. */
import type { Clock } from '../domain/clock.ts';
import type { Fingerprint } from '../domain/ids.ts';
import type { BrakedCount, BrakeOrder } from '../recorder/brake.ts';
import { hourOf } from '../verdict/budget.ts';
import type { GuessedCount } from './fingerprints.ts';

export interface BrakesOptions {
  readonly clock: Clock;
  readonly order: (order: BrakeOrder) => void;
  readonly counted: (count: GuessedCount) => void;
}

/** What became of one transaction that the keeper looked at. */
export interface LookedAt {
  readonly fingerprint: Fingerprint;
  readonly version: string;
  readonly kept: boolean;
}

/** Refused in a row before the ring brakes. */
const REFUSED = 5;
/** How long the ring brakes without hearing of a refused probe; with the hour, the budget begins anew. */
const BRAKE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** The ring is told again at most so often. */
const AGAIN_MS = 500;
/** Signatures remembered: more than a ring brakes at once. */
const SIGNATURES = 2000;
/** Of the transactions looked at last, how many tell whether one failure or several are behind a signature. */
const RECENT = 10;
/** Fingerprints known behind one signature. */
const KNOWN = 64;

interface Behind {
  refused: number;
  toldAt: number;
  readonly known: Set<Fingerprint>;
  /** The last ones looked at, oldest first; never empty. */
  readonly recent: LookedAt[];
}

export class Brakes {
  readonly #options: BrakesOptions;
  readonly #behind = new Map<string, Behind>();

  constructor(options: BrakesOptions) {
    this.#options = options;
  }

  lookedAt(signature: string, looked: LookedAt): void {
    const behind = this.#of(signature);
    const isNew = !behind.known.has(looked.fingerprint);
    remember(behind, looked);
    if (looked.kept || isNew) this.#release(signature, behind);
    if (looked.kept) behind.refused = 0;
    else behind.refused = isNew ? 1 : behind.refused + 1;
    if (behind.refused >= REFUSED) this.#brake(signature, behind);
  }

  /** What the ring has only counted is taken for what was looked at last; for several, as there were of each. */
  counted(counts: readonly BrakedCount[]): void {
    for (const { signature, count, firstAt, lastAt } of counts) {
      const behind = this.#behind.get(signature);
      if (behind === undefined) continue;
      const shares = sharesOf(behind.recent, count);
      for (const { fingerprint, version, share } of shares)
        this.#options.counted({ fingerprint, version, count: share, firstAt, lastAt, guessed: shares.length > 1 });
    }
  }

  #of(signature: string): Behind {
    const known = this.#behind.get(signature);
    const behind: Behind = known ?? { refused: 0, toldAt: -Infinity, known: new Set(), recent: [] };
    this.#behind.delete(signature);
    this.#behind.set(signature, behind);
    const [oldest] = this.#behind.keys();
    if (this.#behind.size > SIGNATURES && oldest !== undefined) this.#behind.delete(oldest);
    return behind;
  }

  #brake(signature: string, behind: Behind): void {
    const now = this.#options.clock.now();
    if (now - behind.toldAt < AGAIN_MS) return;
    behind.toldAt = now;
    const forMs = Math.min(BRAKE_MS, hourOf(now) + HOUR_MS - now);
    this.#options.order({ kind: 'brake', signature, forMs });
  }

  #release(signature: string, behind: Behind): void {
    if (behind.toldAt === -Infinity) return;
    behind.toldAt = -Infinity;
    this.#options.order({ kind: 'release', signature });
  }
}

function remember(behind: Behind, looked: LookedAt): void {
  behind.recent.push(looked);
  if (behind.recent.length > RECENT) behind.recent.shift();
  behind.known.delete(looked.fingerprint);
  behind.known.add(looked.fingerprint);
  const [oldest] = behind.known;
  if (behind.known.size > KNOWN && oldest !== undefined) behind.known.delete(oldest);
}

interface Share extends LookedAt {
  readonly share: number;
}

/** By failure, in whole numbers that add up; of each, the version looked at last. */
function sharesOf(recent: readonly LookedAt[], count: number): readonly Share[] {
  const groups = [...Map.groupBy(recent, ({ fingerprint }) => fingerprint).values()];
  let left = count;
  return groups.flatMap((group, index) => {
    const share = index === groups.length - 1 ? left : Math.round((count * group.length) / recent.length);
    left -= share;
    const last = group.at(-1);
    return last === undefined ? [] : [{ ...last, share }];
  });
}
