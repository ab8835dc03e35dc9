/** One recorder's end of what recorders tell one another (elsewhere-order.ts). */
import type { TransactionKey } from '../domain/ids.ts';
import type { ElsewhereOrder, KeptElsewhere } from './elsewhere-order.ts';
import type { Entry } from './entry.ts';
import { isTrace, traceOf } from './entry-keys.ts';
import type { LookBack } from './look-back.ts';
import type { Ring } from './ring.ts';
import type { Settlement } from './settlement.ts';
import type { Transactions } from './transactions.ts';
import { Wanted } from './wanted.ts';

export interface ElsewherePort {
  readonly transactions: Transactions;
  readonly settlement: Settlement;
  readonly ring: Ring;
  readonly lookBack: LookBack | undefined;
  /** Tells the other recorders of request ids that join nothing. */
  readonly tell: (ids: readonly TransactionKey[]) => void;
}

/** A request id names one transaction for so long: as history and storage take it. Milliseconds. */
const REQUEST_ID_MS = 5 * 60_000;
/** A ring that is not full yet reaches back less than what is still to come may be late. Milliseconds. */
const LEAST_REACH_MS = 60_000;

export class Elsewhere {
  readonly #port: ElsewherePort;
  readonly #wanted = new Wanted();

  constructor(port: ElsewherePort) {
    this.#port = port;
  }

  order(order: ElsewhereOrder, now: number): void {
    if (order.kind === 'elsewhere') return this.#kept(order, now);
    for (const id of order.ids) {
      this.#wanted.delete(id);
      this.#port.transactions.doubt(id);
    }
  }

  /** How many keys are wanted: with none, nothing needs to be asked. */
  get size(): number {
    return this.#wanted.size;
  }

  /** An exchange with these keys has come. */
  joined(entry: Entry, keys: readonly TransactionKey[], now: number): void {
    if (entry.elsewhere) return;
    for (const key of keys) {
      const order = this.#wanted.find(key);
      if (order === undefined) continue;
      if (now - order.at > (isTrace(key) ? this.#reach(now) : REQUEST_ID_MS)) this.#wanted.delete(key);
      else if (this.#isOf(entry, key, order)) return this.#port.settlement.keepElsewhere(entry, now, true);
    }
  }

  /** A request id turned out to name two traces here. */
  doubted(id: TransactionKey): void {
    this.#wanted.delete(id);
    this.#port.tell([id]);
  }

  #kept(order: KeptElsewhere, now: number): void {
    const { transactions, settlement, lookBack } = this.#port;
    this.#wanted.note(order);
    const found = new Set<Entry>();
    for (const key of order.keys) {
      const entry = transactions.find(key);
      if (entry !== undefined && this.#isOf(entry, key, order)) found.add(entry);
    }
    for (const entry of found) settlement.keepElsewhere(entry, now, order.has);
    if (found.size === 0 && !order.has) lookBack?.forElsewhere(order.keys, order.at);
  }

  /** By a request id alone only what is near in time and has no other trace; one that has shows that it joins nothing. */
  #isOf(entry: Entry, key: TransactionKey, { keys, at }: KeptElsewhere): boolean {
    if (isTrace(key)) return true;
    if (Math.abs(entry.lastAt - at) > REQUEST_ID_MS) return false;
    const trace = traceOf(entry);
    if (trace === undefined || keys.includes(trace) || !keys.some(isTrace)) return true;
    this.#port.transactions.doubt(key);
    this.doubted(key);
    return false;
  }

  #reach(now: number): number {
    return Math.max(LEAST_REACH_MS, now - (this.#port.ring.oldestAt ?? now));
  }
}
