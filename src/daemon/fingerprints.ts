/** Counts failures by fingerprint, and writes them to the store in batches: an outage is one small write a second. */
import { createHmac } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { methodOf, pathOf } from '../domain/exchange.ts';
import type { Exchange } from '../domain/exchange.ts';
import type { Fingerprint } from '../domain/ids.ts';
import { foldPath } from '../domain/route.ts';
import type { Transaction } from '../domain/transaction.ts';
import { exchangeById } from '../domain/transaction.ts';
import type { UserKey } from '../seal/keys.ts';
import type { Redactor } from '../seal/redact.ts';
import { hourOf } from '../verdict/budget.ts';
import type { UserOf } from '../verdict/user.ts';
import type { FailureDescription } from '../domain/fingerprint.ts';
import type { FingerprintStore } from '../../storage/fingerprints.ts';
import type { Judged, Merged } from './admission.ts';
import { FingerprintBatch } from './fingerprints-batch.ts';

export interface FingerprintsOptions {
  readonly store: Pick<FingerprintStore, 'countFailures'>;
  readonly clock: Clock;
  /** Everything readable passes it. */
  readonly redact: Redactor;
  readonly userKey: UserKey;
  readonly userOf: UserOf;
}

/** Failures that were counted in the ring, and what the last one looked at was. */
export interface GuessedCount {
  readonly fingerprint: Fingerprint;
  readonly version: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Others looked the same from outside. */
  readonly guessed: boolean;
}

/** Redacted names of versions remembered. */
const VERSIONS = 1000;
const DIGEST_BYTES = 16;

export class Fingerprints {
  readonly #options: FingerprintsOptions;
  readonly #versions = new Map<string, string>();
  #batch = new FingerprintBatch();

  constructor(options: FingerprintsOptions) {
    this.#options = options;
  }

  /** Returns the version that failed, as it is counted: `pricing@1.2.0`. */
  note({ outcome, fingerprint, former, derived, original }: Judged): string {
    const { transaction, verdict } = derived;
    const exchange = exchangeById(transaction, verdict.origin?.exchange);
    const now = this.#options.clock.now();
    const at = exchange?.startedAt ?? now;
    const version = this.#versionOf(exchange);
    const kept = outcome === 'kept' ? 1 : 0;
    if (former !== undefined) this.#uncount(former, at, now);
    const entry = this.#batch.of(fingerprint);
    entry.seen(at, 1, version);
    entry.kept(hourOf(now), kept);
    entry.user(this.#userOf(original()));
    entry.describe(() => this.#describe(exchange, derived));
    return version;
  }

  merged({ fingerprint, at }: Merged): void {
    this.#uncount(fingerprint, at, this.#options.clock.now());
  }

  /** Counted in the ring, without being looked at. */
  counted({ fingerprint, version, count, firstAt, lastAt, guessed }: GuessedCount): void {
    const entry = this.#batch.of(fingerprint);
    entry.seen(firstAt, 0, version);
    entry.seen(lastAt, count, version);
    entry.unread(count, guessed);
  }

  /** Writes what was counted since the last time. Rejects with StorageError; then nothing is lost, and the next time writes it too. */
  async flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.size === 0) return;
    this.#batch = new FingerprintBatch();
    try {
      await this.#options.store.countFailures(batch.counts());
    } catch (error) {
      batch.add(this.#batch);
      this.#batch = batch;
      throw error;
    }
  }

  #uncount(former: Fingerprint, at: number, now: number): void {
    const entry = this.#batch.of(former);
    entry.seen(at, -1, undefined);
    entry.kept(hourOf(now), -1);
  }

  #versionOf(exchange: Exchange | undefined): string {
    const { service = '?', version } = exchange?.vantage ?? {};
    const written = version === undefined ? service : `${service}@${version}`;
    const known = this.#versions.get(written);
    if (known !== undefined) return known;
    if (this.#versions.size >= VERSIONS) this.#versions.clear();
    const shown = this.#options.redact.text(written);
    this.#versions.set(written, shown);
    return shown;
  }

  #userOf(transaction: Transaction): string | undefined {
    const { userOf, userKey } = this.#options;
    const user = userOf(transaction);
    if (user === undefined) return undefined;
    return createHmac('sha256', userKey.bytes).update(user).digest().subarray(0, DIGEST_BYTES).toString('hex');
  }

  #describe(exchange: Exchange | undefined, { verdict }: Judged['derived']): FailureDescription {
    const { redact } = this.#options;
    return {
      service: exchange?.vantage.service ?? '?',
      method: exchange ? redact.text(methodOf(exchange)) : '?',
      route: exchange ? foldPath(redact.text(pathOf(exchange))) : '?',
      kind: verdict.origin?.kind ?? '?',
      summary: redact.text(verdict.origin?.summary ?? '?'),
    };
  }
}
