/** Sessions and whose they are, learnt from single exchanges that show both. Bounded; what was not seen for longest goes first. */
const SESSIONS = 32_768;
const CHARACTERS = 4 * 1024 * 1024;
/** Longer values hold the session itself, not its name, and are new with every answer. */
const MOST_SESSION = 512;

interface Known {
  readonly user: string;
  readonly at: number;
}

export class Logins {
  readonly #known = new Map<string, Known>();
  #characters = 0;

  get size(): number {
    return this.#known.size;
  }

  /** The session was seen with this user at `at` (Unix ms): from now on it is that user's. */
  learn(session: string, user: string, at: number): void {
    if (session.length > MOST_SESSION || user.length > MOST_SESSION) return;
    this.#forget(session);
    this.#known.set(session, { user, at });
    this.#characters += session.length + user.length;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= SESSIONS && this.#characters <= CHARACTERS) break;
      this.#forget(oldest);
    }
  }

  /** The session was seen with several users, or it cannot be told with whom. */
  doubt(session: string): void {
    this.#forget(session);
  }

  of(user: string): readonly { readonly value: string; readonly at: number }[] {
    return [...this.#known].flatMap(([value, known]) => (known.user === user ? [{ value, at: known.at }] : []));
  }

  #forget(session: string): void {
    const known = this.#known.get(session);
    if (known === undefined) return;
    this.#known.delete(session);
    this.#characters -= session.length + known.user.length;
  }
}
