/** Between keeper, ring and store in an outage: what is counted, and when the ring brakes. */
import { setInterval } from 'node:timers';
import type { BrakedCount } from '../recorder/brake.ts';
import type { RecordedPart } from '../recorder/part.ts';
import type { Decision } from './admission.ts';
import type { BrakesOptions } from './brakes.ts';
import { Brakes } from './brakes.ts';
import type { FingerprintsOptions } from './fingerprints.ts';
import { Fingerprints } from './fingerprints.ts';

/** Failures are written to the store so often at most. */
const WRITE_MS = 1000;

export interface OutageOptions extends FingerprintsOptions {
  readonly loopsPerHour: number;
  readonly order: BrakesOptions['order'];
  /** Counts could not be written: told once, until they can. */
  readonly failed: (error: unknown) => void;
}

export class Outage {
  readonly #fingerprints: Fingerprints;
  readonly #brakes: Brakes;
  readonly #failed: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();
  #inTrouble = false;

  constructor(options: OutageOptions) {
    const { clock, loopsPerHour, order, failed } = options;
    this.#fingerprints = new Fingerprints(options);
    this.#brakes = new Brakes({ clock, loopsPerHour, order, counted: (count) => this.#fingerprints.counted(count) });
    this.#failed = failed;
    this.#timer = setInterval(() => void this.write(), WRITE_MS);
  }

  /** A part came to the keeper, which has that share of its room taken. */
  arrived({ signature }: RecordedPart, share: number): void {
    if (signature !== undefined) this.#brakes.arrived(signature, share);
  }

  /** The keeper is done with it. */
  done({ signature }: RecordedPart): void {
    if (signature !== undefined) this.#brakes.done(signature);
  }

  decided(decision: Decision): void {
    if (decision.outcome === 'merged') return this.#fingerprints.merged(decision);
    const version = this.#fingerprints.note(decision);
    const { signature, fingerprint, former, outcome } = decision;
    if (signature === undefined || former !== undefined) return;
    this.#brakes.lookedAt(signature, { fingerprint, version, kept: outcome === 'kept' });
  }

  braked(counts: readonly BrakedCount[]): void {
    this.#brakes.counted(counts);
  }

  /** Resolves when what was counted until now is in the store, or could not be written. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }

  async #write(): Promise<void> {
    try {
      await this.#fingerprints.flush();
      this.#inTrouble = false;
    } catch (error) {
      if (!this.#inTrouble) this.#failed(error);
      this.#inTrouble = true;
    }
  }
}
