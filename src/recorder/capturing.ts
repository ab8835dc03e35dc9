import type { Clock } from '../domain/clock.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import type { CaptureOrder, CaptureReport, WalkOrder } from './capture-order.ts';
import { Captures } from './captures.ts';
import type { Entry } from './entry.ts';
import type { Holding } from './holding.ts';
import type { Schedule } from './options.ts';
import { RingWalk } from './ring-walk.ts';
import type { Settlement } from './settlement.ts';
import type { Stream } from './streams.ts';

export interface CapturingPort {
  readonly holding: Holding;
  readonly settlement: Settlement;
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly all: () => Iterable<Entry>;
  readonly say: (report: CaptureReport) => void;
}

/** Captures of users, as one recorder serves them: what comes, and what the ring still holds. */
export class Capturing {
  readonly #captures: Captures;
  readonly #walk: RingWalk;

  constructor({ holding, settlement, clock, schedule, all, say }: CapturingPort) {
    const keep = (entry: Entry, at: number): void => settlement.keep(entry, at, 'captured');
    this.#captures = new Captures({ holding, clock, keep, say });
    const take = (entry: Entry, at: number): void => settlement.take(entry, at);
    this.#walk = new RingWalk({ captures: this.#captures, holding, clock, schedule, all, take, say });
  }

  order(order: CaptureOrder | WalkOrder): void {
    if (order.kind === 'captures') this.#captures.order(order);
    else this.#walk.begin(order);
  }

  seen(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage, at: number): void {
    this.#captures.seen(stream, bytes, scanned, at);
  }

  /** Whether anything is looked for in what comes. */
  get isOn(): boolean {
    return this.#captures.isOn;
  }

  close(): void {
    this.#walk.close();
  }
}
