/** TLS connections over which the client has not said a word yet: one that leaves like this did not believe the certificate. */
import type { TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';

/** How long an end that is on its way may take to be seen. A pool that opened a connection in advance is not waited for longer. */
const GRACE_MS = 250;
const STEP_MS = 5;

export class Silences {
  readonly #open = new Set<TLSSocket>();

  add(secure: TLSSocket): void {
    this.#open.add(secure);
    secure.once('close', () => this.#open.delete(secure));
  }

  /** Resolves when every client has spoken or is gone, at the latest after a moment. */
  async over(graceMs = GRACE_MS): Promise<void> {
    for (let waited = 0; waited < graceMs && this.#any(); waited += STEP_MS) await delay(STEP_MS);
  }

  #any(): boolean {
    return [...this.#open].some((secure) => secure.bytesRead === 0);
  }
}
