import type { Instance, Instances } from './instances.ts';
import type { CapturedCall } from './port.ts';

/** Calls counted so; an instance with more of them is never again sure whose its commands are. */
const MOST = 10_000;

/**
 * Inbound exchanges that the index had no room for. Nothing is known of them but that they are open: with them uncounted, another exchange of
 * their instance would seem the only one, and be given their commands with certainty.
 */
export class Refused {
  readonly #instances: Instances;
  readonly #open = new Map<number, Instance>();

  constructor(instances: Instances) {
    this.#instances = instances;
  }

  opened(number: number, { vantage, protocol, attempt }: CapturedCall, at: number): void {
    if (vantage.direction !== 'inbound' || protocol !== 'http' || attempt === true) return;
    const instance = this.#instances.acquire(vantage, at);
    if (this.#open.size >= MOST) {
      this.#instances.doubt(instance);
      this.#instances.release(instance);
      return;
    }
    instance.openInbound += 1;
    instance.openNumbers += number;
    this.#open.set(number, instance);
  }

  /** Of all that are open. */
  get numbers(): Iterable<number> {
    return this.#open.keys();
  }

  /** Of any stream. */
  ended(number: number): void {
    if (this.#open.size === 0) return;
    const instance = this.#open.get(number);
    if (instance === undefined) return;
    this.#open.delete(number);
    instance.openInbound -= 1;
    instance.openNumbers -= number;
    this.#instances.release(instance);
  }
}
