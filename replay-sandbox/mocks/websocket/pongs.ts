/** Answers pings: of those that come while the other side reads nothing, the last alone. https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3 */
import type { StreamMessage, StreamSide } from '../../../src/wire/stream.ts';

export class Pongs {
  readonly #side: StreamSide;
  readonly #write: (pong: StreamMessage) => void | Promise<void>;
  #last: StreamMessage | undefined;
  #waits = false;

  /** `side` answers. */
  constructor(side: StreamSide, write: (pong: StreamMessage) => void | Promise<void>) {
    this.#side = side;
    this.#write = write;
  }

  answer(ping: StreamMessage): void {
    this.#last = ping;
    if (!this.#waits) this.#next();
  }

  #next(): void {
    const ping = this.#last;
    this.#last = undefined;
    this.#waits = false;
    if (ping === undefined) return;
    const taken = this.#write({ ...ping, side: this.#side, kind: 'pong' });
    if (taken === undefined) return;
    this.#waits = true;
    void taken.then(
      () => this.#next(),
      () => undefined, // Its connection is gone.
    );
  }
}
