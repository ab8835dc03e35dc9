/** Whose a session is at a time: the user's it was seen with last. What one capture knows of the sessions of its user. */
export interface Sighting {
  /** Unix ms. */
  readonly at: number;
  /** With the captured user, and nobody else; false: with another one, or with several. */
  readonly own: boolean;
}

/** As it is stored. */
export type WrittenSessions = readonly (readonly [session: string, sightings: readonly Sighting[]])[];

/** Sessions of one user that are followed; more are left alone. */
const SESSIONS = 64;
/** Of one session. Without older ones it counts as not the user's, further back. */
const SIGHTINGS = 128;

export class Sessions {
  readonly #seen: Map<string, readonly Sighting[]>;

  constructor(written: WrittenSessions = []) {
    this.#seen = new Map(written);
  }

  /**
   * Notes that the session was seen. One never seen with the user is of no interest. Returns `new` when the session is to be followed from now
   * on, `lost` when it was the user's until then, else `known`.
   */
  see(session: string, sighting: Sighting): 'new' | 'lost' | 'known' {
    const before = this.#seen.get(session);
    if (before === undefined && (!sighting.own || this.#seen.size >= SESSIONS)) return 'known';
    const wasOwn = this.isOwn(session, sighting.at);
    if (before?.some(({ at, own }) => at === sighting.at && own === sighting.own) === true) return 'known';
    const order = (one: Sighting, other: Sighting): number => one.at - other.at || Number(other.own) - Number(one.own);
    this.#seen.set(session, [...(before ?? []), sighting].toSorted(order).slice(-SIGHTINGS));
    if (before === undefined) return 'new';
    return wasOwn && !sighting.own ? 'lost' : 'known';
  }

  /** From a sighting with the user up to the next one with somebody else. */
  isOwn(session: string, at: number): boolean {
    return this.#seen.get(session)?.findLast((sighting) => sighting.at <= at)?.own ?? false;
  }

  /** To be looked for. */
  followed(): readonly string[] {
    return [...this.#seen.keys()];
  }

  /** For the store: the last of each, for a restarted recorder remembers nothing older. */
  written(): WrittenSessions {
    return [...this.#seen].map(([session, sightings]) => [session, sightings.slice(-8)]);
  }
}
