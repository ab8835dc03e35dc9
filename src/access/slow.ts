/** How often an address may do what costs or guesses. */
import type { Clock } from '../domain/clock.ts';

const WINDOW_MS = 60_000;
const MOST_WRONG = 20;
/** Addresses that are remembered; beyond, the oldest is forgotten. */
const MOST_ADDRESSES = 10_000;

interface Noted {
  readonly since: number;
  readonly count: number;
}

export class Slow {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #noted = new Map<string, Noted>();

  /** `most`: in a minute. */
  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Notes one; returns the seconds after which the next is looked at, when there were too many. */
  note(address: string): number | undefined {
    const now = this.#clock.now();
    const key = networkOf(address);
    const known = this.#noted.get(key);
    const noted = known === undefined || now - known.since >= WINDOW_MS ? { since: now, count: 0 } : known;
    this.#noted.delete(key);
    this.#noted.set(key, { ...noted, count: noted.count + 1 });
    const [oldest] = this.#noted.keys();
    if (this.#noted.size > MOST_ADDRESSES && oldest !== undefined) this.#noted.delete(oldest);
    return noted.count < this.#most ? undefined : Math.ceil((noted.since + WINDOW_MS - now) / 1000);
  }
}

/** Only wrong tokens are counted and refused; a right one is never delayed, so that nobody can lock others out. */
export class WrongTokens extends Slow {
  constructor(clock: Clock) {
    super(clock, MOST_WRONG);
  }
}

/** Of IPv6 the /64, which is what one subscriber has. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  return groups.slice(0, 4).join(':');
}
