/** How often an address may be wrong. Only wrong tokens are counted and refused; a right one is never delayed, so that nobody can lock others out. */
import type { Clock } from '../domain/clock.ts';

const WINDOW_MS = 60_000;
const MOST_WRONG = 20;
/** Addresses that are remembered; beyond, the oldest is forgotten. */
const MOST_ADDRESSES = 10_000;

interface Wrong {
  readonly since: number;
  readonly count: number;
}

export class WrongTokens {
  readonly #clock: Clock;
  readonly #wrong = new Map<string, Wrong>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a wrong one; resolves to the seconds after which the next is looked at, when there were too many. */
  note(address: string): number | undefined {
    const now = this.#clock.now();
    const key = networkOf(address);
    const known = this.#wrong.get(key);
    const wrong = known === undefined || now - known.since >= WINDOW_MS ? { since: now, count: 0 } : known;
    this.#wrong.delete(key);
    this.#wrong.set(key, { ...wrong, count: wrong.count + 1 });
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > MOST_ADDRESSES && oldest !== undefined) this.#wrong.delete(oldest);
    return wrong.count < MOST_WRONG ? undefined : Math.ceil((wrong.since + WINDOW_MS - now) / 1000);
  }
}

/** Of IPv6 the /64, which is what one subscriber has. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  return groups.slice(0, 4).join(':');
}
