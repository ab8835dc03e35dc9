/**
 * Whether anything is told by the order in which messages of different connections come: a command belongs to the request that was open when it
 * came, and so does a call without context. What carries context can come in any order.
 */

/** Where there was something of the kind, more is to be expected for so long. Milliseconds. */
const EXPECTED_MS = 60_000;

export class ArrivalOrder {
  #open = 0;
  #since = Infinity;
  #until = -Infinity;

  matters(at: number): boolean {
    return this.#open > 0 || at < this.#until;
  }

  /** Whether it has mattered from then on. */
  hasMatteredSince(then: number, at: number): boolean {
    return this.#since <= then && this.matters(at);
  }

  /** A connection to a database or broker, whose bytes are recorded. */
  conversationOpened(at: number): void {
    this.#begin(at);
    this.#open += 1;
  }

  conversationEnded(at: number): void {
    this.#open -= 1;
    this.#until = at + EXPECTED_MS;
  }

  /** A call without context was heard. */
  callWithoutContext(at: number): void {
    this.#begin(at);
    this.#until = at + EXPECTED_MS;
  }

  #begin(at: number): void {
    if (!this.matters(at)) this.#since = at;
  }
}
