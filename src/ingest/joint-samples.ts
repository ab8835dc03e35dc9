/**
 * Exemplars of several recorders: as many for a route as one recorder would hand out, and none that is half of a transaction that failed in
 * another. A recorder knows its own half only, so an exemplar waits a little for word of the others.
 */
import { forgetOldest } from '../domain/bounded.ts';
import type { Clock } from '../domain/clock.ts';
import type { TransactionKey } from '../domain/ids.ts';
import { digestOfKey } from '../domain/key-digest.ts';
import type { KeyDigests } from '../recorder/brake.ts';
import type { RecorderLimits, Schedule } from '../recorder/options.ts';
import type { RecordedPart } from '../recorder/part.ts';
import { Quota } from '../recorder/quota.ts';

export interface JointSamplesPort {
  readonly limits: Pick<RecorderLimits, 'exemplarsPerRoute' | 'exemplarMs' | 'routes' | 'settleMs'>;
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly hand: (part: RecordedPart) => void;
}

/** Transactions that failed or were kept, by the digests of their keys: of what a brake has counted there is no more. */
const SPOILT = 65_536;
/** Exemplars that wait; few do, since a route has few. */
const WAITING = 64;
/** Of the time a transaction takes to settle: so much later the other half has settled too. */
const SETTLINGS = 3;

export class JointSamples {
  readonly #port: JointSamplesPort;
  readonly #quota: Quota;
  readonly #spoilt = new Set<number>();
  readonly #waiting = new Set<RecordedPart>();

  constructor(port: JointSamplesPort) {
    const { exemplarsPerRoute, exemplarMs, routes } = port.limits;
    this.#port = port;
    this.#quota = new Quota(exemplarsPerRoute, exemplarMs, routes);
  }

  take(part: RecordedPart): void {
    if (this.#waiting.size >= WAITING) return;
    this.#waiting.add(part);
    this.#port.schedule(this.#port.limits.settleMs * SETTLINGS, () => this.#decide(part));
  }

  /** These are no example of anything. */
  spoil(keys: readonly TransactionKey[]): void {
    this.spoilDigests(keys.map(digestOfKey));
  }

  /** The same, of what only counts were told of. */
  spoilDigests(digests: KeyDigests): void {
    for (const digest of digests) this.#spoilt.add(digest);
    forgetOldest(this.#spoilt, SPOILT);
  }

  /** Nothing more comes. */
  flush(): void {
    for (const part of this.#waiting) this.#decide(part);
  }

  #decide(part: RecordedPart): void {
    if (!this.#waiting.delete(part)) return;
    if ([part.transaction, ...part.aliases].some((key) => this.#spoilt.has(digestOfKey(key)))) return;
    if (this.#quota.admit(part.subject, this.#port.clock.now())) this.#port.hand(part);
  }
}
