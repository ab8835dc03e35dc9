import type { Fingerprint } from '../domain/ids.ts';
import { hourOf } from '../verdict/budget.ts';
import type { FailureDescription } from '../domain/fingerprint.ts';
import type { FailureCount } from '../../storage/fingerprints.ts';

/** In one batch; beyond them failures are not counted by fingerprint until the store takes the batch. */
const FINGERPRINTS = 10_000;
const VERSIONS = 64;
const OTHERS = 'others';
/** One more than a store counts. */
const USERS = 1001;

/** What one batch adds to one fingerprint. */
export class Counting {
  #firstAt = Infinity;
  #lastAt = -Infinity;
  #unread = 0;
  #guessed = 0;
  #what: FailureDescription | undefined;
  readonly #hours = new Map<number, { seen: number; kept: number }>();
  readonly #versions = new Map<string, number>();
  readonly #users = new Set<string>();

  seen(at: number, count: number, version: string | undefined): void {
    this.#firstAt = Math.min(this.#firstAt, at);
    this.#lastAt = Math.max(this.#lastAt, at);
    this.#hour(hourOf(at)).seen += count;
    if (version !== undefined) this.#version(version, count);
  }

  kept(hour: number, count: number): void {
    if (count !== 0) this.#hour(hour).kept += count;
  }

  unread(count: number, guessed: boolean): void {
    this.#unread += count;
    if (guessed) this.#guessed += count;
  }

  user(digest: string | undefined): void {
    if (digest !== undefined && this.#users.size < USERS) this.#users.add(digest);
  }

  /** Once a batch: repeats say the same. */
  describe(what: () => FailureDescription): void {
    this.#what ??= what();
  }

  add(other: Counting): void {
    this.#firstAt = Math.min(this.#firstAt, other.#firstAt);
    this.#lastAt = Math.max(this.#lastAt, other.#lastAt);
    this.#unread += other.#unread;
    this.#guessed += other.#guessed;
    this.#what = other.#what ?? this.#what;
    for (const [hour, { seen, kept }] of other.#hours) {
      this.#hour(hour).seen += seen;
      this.#hour(hour).kept += kept;
    }
    for (const [version, count] of other.#versions) this.#version(version, count);
    for (const user of other.#users) this.user(user);
  }

  count(fingerprint: Fingerprint): FailureCount {
    return {
      fingerprint,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      hours: [...this.#hours].map(([hour, counts]) => ({ hour, ...counts })),
      unread: this.#unread,
      guessed: this.#guessed,
      versions: Object.fromEntries(this.#versions),
      users: [...this.#users],
      ...(this.#what !== undefined && { what: this.#what }),
    };
  }

  #hour(hour: number): { seen: number; kept: number } {
    const known = this.#hours.get(hour) ?? { seen: 0, kept: 0 };
    this.#hours.set(hour, known);
    return known;
  }

  #version(version: string, count: number): void {
    const name = this.#versions.has(version) || this.#versions.size < VERSIONS ? version : OTHERS;
    this.#versions.set(name, (this.#versions.get(name) ?? 0) + count);
  }
}

/** What was counted since the store was last told. */
export class FingerprintBatch {
  readonly #counting = new Map<Fingerprint, Counting>();

  get size(): number {
    return this.#counting.size;
  }

  /** Where this failure is counted; beyond the bound, nowhere that is kept. */
  of(fingerprint: Fingerprint): Counting {
    const known = this.#counting.get(fingerprint);
    if (known !== undefined) return known;
    const counting = new Counting();
    if (this.#counting.size < FINGERPRINTS) this.#counting.set(fingerprint, counting);
    return counting;
  }

  add(later: FingerprintBatch): void {
    for (const [fingerprint, counting] of later.#counting) this.of(fingerprint).add(counting);
  }

  counts(): readonly FailureCount[] {
    return [...this.#counting].map(([fingerprint, counting]) => counting.count(fingerprint));
  }
}
