/** Who is signed in with a browser. In memory: a restart signs everybody out. */
import type { Principal } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { digestOf, newSecret, type Random } from './secrets.ts';

export interface SessionsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** After so long without a request a session is over, ms. */
  readonly idleMs: number;
  /** And after so long in any case. */
  readonly longestMs: number;
}

/** Sessions at once; beyond, the one that was idle longest is over. */
const MOST_SESSIONS = 1000;
/** Of one principal: a browser that signs in over and over does not sign out the others. */
const MOST_OF_ONE = 20;

export interface Session {
  readonly principal: Principal;
  /** To be sent as `x-loop-csrf`. */
  readonly csrf: string;
  /** Unix ms. */
  readonly until: number;
}

interface Kept extends Session {
  readonly seenAt: number;
}

export class Sessions {
  readonly #options: SessionsOptions;
  /** By digest of the cookie, so that memory holds none; longest idle first. */
  readonly #sessions = new Map<string, Kept>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** `until`: it does not outlive what was signed in with, Unix ms. */
  start(principal: Principal, until = Infinity): { readonly cookie: string; readonly session: Session } {
    const { clock, random, longestMs } = this.#options;
    const now = clock.now();
    this.#makeRoom(principal, now);
    const cookie = newSecret(random);
    const session: Kept = {
      principal: { ...principal, by: 'session' },
      csrf: newSecret(random),
      until: Math.min(until, now + longestMs),
      seenAt: now,
    };
    this.#sessions.set(digestOf(cookie), session);
    return { cookie, session };
  }

  /** And notes that it is in use. */
  find(cookie: string): Session | undefined {
    const key = digestOf(cookie);
    const found = this.#sessions.get(key);
    const now = this.#options.clock.now();
    this.#sessions.delete(key);
    if (found === undefined || this.#isOver(found, now)) return undefined;
    this.#sessions.set(key, { ...found, seenAt: now });
    return found;
  }

  end(cookie: string): void {
    this.#sessions.delete(digestOf(cookie));
  }

  /** All of a principal that is nobody any more. */
  endAllOf(principalId: string): void {
    for (const [key, { principal }] of this.#sessions) if (principal.id === principalId) this.#sessions.delete(key);
  }

  /** Whether that very session goes on; a stream asks, and does not count as use. */
  goesOn(session: Session): boolean {
    const now = this.#options.clock.now();
    return [...this.#sessions.values()].some((kept) => kept.csrf === session.csrf && !this.#isOver(kept, now));
  }

  #isOver({ until, seenAt }: Kept, now: number): boolean {
    return now >= until || now - seenAt >= this.#options.idleMs;
  }

  #makeRoom({ id, name }: Principal, now: number): void {
    for (const [key, kept] of this.#sessions) if (this.#isOver(kept, now)) this.#sessions.delete(key);
    const theirs = [...this.#sessions].filter(([, { principal }]) => principal.id === id && principal.name === name);
    const [oldestOfTheirs] = theirs;
    if (theirs.length >= MOST_OF_ONE && oldestOfTheirs) this.#sessions.delete(oldestOfTheirs[0]);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }
}
