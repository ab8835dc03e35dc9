/** How often one reference or handle may ask: the button asks every two seconds. */
import type { Clock } from '../../domain/clock.ts';

const WINDOW_MS = 60_000;
const MOST = 120;
/** That are remembered; beyond, the oldest is forgotten. */
const MOST_TOKENS = 10_000;

export class Pace {
  readonly #clock: Clock;
  readonly #asked = new Map<string, { readonly since: number; readonly count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it is not too often. */
  note(token: string): boolean {
    const now = this.#clock.now();
    const known = this.#asked.get(token);
    const asked = known === undefined || now - known.since >= WINDOW_MS ? { since: now, count: 0 } : known;
    this.#asked.delete(token);
    this.#asked.set(token, { ...asked, count: asked.count + 1 });
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MOST_TOKENS && oldest !== undefined) this.#asked.delete(oldest);
    return asked.count < MOST;
  }
}
