/** What references have begun: each begins one capture, also when that was deleted before the reference ends. */
import type { CaptureId } from '../../domain/capture.ts';
import type { Clock } from '../../domain/clock.ts';

/** Beyond, the oldest is forgotten: a reference lives 15 minutes, and whoever signs them is known. */
const MOST = 10_000;

export class BegunCaptures {
  readonly #clock: Clock;
  /** Unix ms at which its reference ends, by capture. */
  readonly #begun = new Map<CaptureId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `until`: end of the reference, Unix ms. */
  note(id: CaptureId, until: number): void {
    if (this.#begun.has(id)) return;
    if (this.#begun.size >= MOST) this.#makeRoom();
    this.#begun.set(id, until);
  }

  has(id: CaptureId): boolean {
    return (this.#begun.get(id) ?? 0) > this.#clock.now();
  }

  #makeRoom(): void {
    const now = this.#clock.now();
    for (const [id, until] of this.#begun) if (until <= now) this.#begun.delete(id);
    const [oldest] = this.#begun.keys();
    if (this.#begun.size >= MOST && oldest !== undefined) this.#begun.delete(oldest);
  }
}
