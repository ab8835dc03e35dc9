/** Looks through all that the ring holds for one capture, a few milliseconds at a time: live traffic goes before. */
import type { Clock } from '../domain/clock.ts';
import type { CaptureReport, WalkOrder } from './capture-order.ts';
import type { Captures } from './captures.ts';
import type { Entry } from './entry.ts';
import type { Holding } from './holding.ts';
import type { Schedule } from './options.ts';

export interface RingWalkPort {
  readonly captures: Captures;
  readonly holding: Holding;
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly all: () => Iterable<Entry>;
  /** Copies out a transaction that a capture wants: at once when it is at rest. */
  readonly take: (entry: Entry, at: number) => void;
  readonly say: (report: CaptureReport) => void;
}

/** Of the ingest thread at a time, milliseconds; what one transaction takes to copy comes on top. */
const SLICE_MS = 4;

export class RingWalk {
  readonly #port: RingWalkPort;
  readonly #waiting: WalkOrder[] = [];
  #under: Walking | undefined;
  #cancel: (() => void) | undefined;

  constructor(port: RingWalkPort) {
    this.#port = port;
  }

  begin(order: WalkOrder): void {
    this.#waiting.push(order);
    if (this.#under === undefined) this.#next();
  }

  close(): void {
    this.#cancel?.();
    this.#waiting.length = 0;
    this.#under = undefined;
  }

  #next(): void {
    const order = this.#waiting.shift();
    this.#under = undefined;
    if (order === undefined) return;
    const { oldestAt } = this.#port.holding.ring;
    // Oldest first: what age takes next.
    const entries = [...this.#port.all()].toSorted((one, other) => one.lastAt - other.lastAt);
    this.#under = { order, entries, at: 0, oldestAt, found: 0 };
    this.#slice();
  }

  #slice(): void {
    const walking = this.#under;
    if (walking === undefined) return;
    const { clock, captures } = this.#port;
    const end = clock.now() + SLICE_MS;
    while (walking.at < walking.entries.length && clock.now() < end) {
      const entry = walking.entries[walking.at];
      walking.at += 1;
      if (entry !== undefined && !entry.forgotten && this.#look(entry, walking.order)) walking.found += 1;
    }
    if (walking.at < walking.entries.length && captures.watches(walking.order.capture))
      this.#cancel = this.#port.schedule(0, () => this.#slice());
    else this.#over(walking);
  }

  #look(entry: Entry, { capture }: WalkOrder): boolean {
    const { captures, clock, take } = this.#port;
    if (entry.captured?.wanted.has(capture) === true) return false;
    for (const stream of entry.streams) if (!stream.attempt) captures.lookAt(stream, entry, capture);
    if (!captures.isCandidate(entry, capture)) return false;
    captures.want(entry, capture, clock.now());
    take(entry, clock.now());
    return true;
  }

  #over({ order, oldestAt, found }: Walking): void {
    this.#port.say({ kind: 'walked', capture: order.capture, round: order.round, oldestAt, found });
    this.#next();
  }
}

interface Walking {
  readonly order: WalkOrder;
  readonly entries: readonly Entry[];
  at: number;
  readonly oldestAt: number | undefined;
  found: number;
}
