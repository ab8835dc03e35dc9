import { Fate } from '../../src/recorder/fates.ts';
import { NOWHERE, Ring } from '../../src/recorder/ring.ts';
import { OBJECT_BYTES } from './store.ts';
import type { Store } from './store.ts';

/** The recorder's ring. What is wanted for longer than the ring holds it is copied out when age reaches it. */
export class RingStore implements Store {
  readonly name = 'ring';
  history = 0;
  readonly lost = 0;
  readonly #ring: Ring;
  readonly #newest = new Map<number, number>();
  readonly #pinned = new Map<number, Uint8Array[]>();
  #pinnedBytes = 0;
  #last = 0;
  readonly #draft = {
    kind: 'message' as const,
    stream: 0,
    sequence: 0,
    at: 0,
    flags: 0,
    openInbound: 0,
    owner: 0,
    payload: new Uint8Array(0) as Uint8Array,
  };

  constructor(bytes: number) {
    this.#ring = new Ring(bytes, (position) => this.#evict(position));
  }

  get bytes(): number {
    return this.#ring.capacity + this.#pinnedBytes;
  }

  append(exchange: number, payload: Uint8Array): void {
    this.#draft.stream = exchange;
    this.#draft.payload = payload;
    this.#last = Math.max(this.#last, exchange);
    const position = this.#ring.append(this.#draft, this.#newest.get(exchange) ?? NOWHERE, Fate.inFlight);
    this.#newest.set(exchange, position);
  }

  toss(exchange: number): void {
    const ring = this.#ring;
    const newest = this.#newest.get(exchange) ?? NOWHERE;
    for (let position = newest; ring.has(position); position = ring.previousOf(position))
      ring.setFate(position, Fate.tossed);
    this.#newest.delete(exchange);
    for (const bytes of this.#pinned.get(exchange) ?? []) this.#pinnedBytes -= bytes.length + OBJECT_BYTES;
    this.#pinned.delete(exchange);
  }

  #evict(position: number): void {
    const exchange = this.#ring.streamOf(position);
    this.history = this.#last - exchange;
    if (this.#ring.fateOf(position) === Fate.tossed) return;
    const bytes = this.#ring.read(position)?.slice();
    if (bytes === undefined) return;
    const pinned = this.#pinned.get(exchange) ?? [];
    pinned.push(bytes);
    this.#pinned.set(exchange, pinned);
    this.#pinnedBytes += bytes.length + OBJECT_BYTES;
  }
}
