import { forgetOldest } from '../domain/bounded.ts';
import type { TransactionKey } from '../domain/ids.ts';
import type { KeptElsewhere } from './elsewhere-order.ts';

/** The one told longest ago goes first: at twenty loops an hour for each failure, hours; in a storm of captures, seconds. */
const KEYS = 16_384;

/** Keys of transactions that are kept elsewhere, for what comes later than that was told. */
export class Wanted {
  readonly #orders = new Map<TransactionKey, KeptElsewhere>();

  get size(): number {
    return this.#orders.size;
  }

  find(key: TransactionKey): KeptElsewhere | undefined {
    return this.#orders.get(key);
  }

  note(order: KeptElsewhere): void {
    for (const key of order.keys) {
      this.#orders.delete(key);
      this.#orders.set(key, order);
    }
    forgetOldest(this.#orders, KEYS);
  }

  delete(key: TransactionKey): void {
    this.#orders.delete(key);
  }
}
