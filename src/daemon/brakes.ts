/** When the ring is to brake: failures of one signature that the budget refuses again and again, or that come faster than they are looked at. */
import { forgetOldest } from '../domain/bounded.ts';
import type { Clock } from '../domain/clock.ts';
import type { Fingerprint } from '../domain/ids.ts';
import type { BrakedCount, BrakeOrder } from '../recorder/brake.ts';
import { hourOf } from '../verdict/budget.ts';
import type { GuessedCount } from './fingerprints.ts';

export interface BrakesOptions {
  /** Of one failure; what waits beyond that is not looked at only to be refused. */
  readonly loopsPerHour: number;
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
/** Counts come once a second; the oldest are given up when nothing is looked at for so many. */
const HELD = 600;
/** Fingerprints known behind one signature. */
const KNOWN = 64;

/** While so much of the room for what waits is taken, few of one signature may. */
const CROWDED = 0.25;

interface Behind {
  /** Copied out, and not looked at yet. */
  waiting: number;
  refused: number;
  toldAt: number;
  readonly known: Set<Fingerprint>;
  /** The last ones looked at, oldest first. */
  readonly recent: LookedAt[];
  /** Counted before any was looked at. */
  held: BrakedCount[];
}

export class Brakes {
  readonly #options: BrakesOptions;
  readonly #behind = new Map<string, Behind>();

  constructor(options: BrakesOptions) {
    this.#options = options;
  }

  /** A part came. `share`: of the room for what waits, how much is taken. */
  arrived(signature: string, share: number): void {
    const behind = this.#of(signature);
    behind.waiting += 1;
    const most = this.#options.loopsPerHour + REFUSED;
    if (behind.waiting >= most || (share > CROWDED && behind.waiting > REFUSED)) this.#brake(signature, behind);
  }

  /** It waits no more, whatever became of it. */
  done(signature: string): void {
    const behind = this.#behind.get(signature);
    if (behind !== undefined) behind.waiting = Math.max(0, behind.waiting - 1);
  }

  lookedAt(signature: string, looked: LookedAt): void {
    const behind = this.#of(signature);
    const isNew = !behind.known.has(looked.fingerprint);
    remember(behind, looked);
    if ((looked.kept || isNew) && behind.waiting <= REFUSED) this.#release(signature, behind);
    if (looked.kept) behind.refused = 0;
    else behind.refused = isNew ? 1 : behind.refused + 1;
    if (behind.refused >= REFUSED) this.#brake(signature, behind);
    this.counted(behind.held.splice(0));
  }

  /** What the ring has only counted is taken for what was looked at last; for several, as there were of each. */
  counted(counts: readonly BrakedCount[]): void {
    for (const counted of counts) {
      const { signature, count, firstAt, lastAt } = counted;
      const behind = this.#behind.get(signature);
      if (behind === undefined) continue;
      if (behind.recent.length === 0) behind.held = [...behind.held.slice(-HELD), counted];
      const shares = sharesOf(behind.recent, count);
      for (const { fingerprint, version, share } of shares)
        this.#options.counted({ fingerprint, version, count: share, firstAt, lastAt, guessed: shares.length > 1 });
    }
  }

  #of(signature: string): Behind {
    const known = this.#behind.get(signature);
    const behind: Behind = known ?? {
      waiting: 0,
      refused: 0,
      toldAt: -Infinity,
      known: new Set(),
      recent: [],
      held: [],
    };
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
  forgetOldest(behind.known, KNOWN);
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
