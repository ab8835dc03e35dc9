import { forgetOldest } from '../domain/bounded.ts';
import type { AuditedAct } from '../domain/audit.ts';
import type { Clock } from '../domain/clock.ts';

/** Acts that change nothing: a page that asks again and again is one look a minute, whoever guesses tokens one line. */
const LOOKING: readonly string[] = [
  'view',
  'har',
  'compare',
  'timeline',
  'capture-show',
  'audit',
  'refused',
  'wrong-token',
];
const MINUTE_MS = 60_000;
const REMEMBERED = 10_000;

/** Who looked at what in the last minute, as it was written down. */
export class Repeats {
  readonly #clock: Clock;
  readonly #writtenAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isRepeat(act: AuditedAct): boolean {
    if (!LOOKING.includes(act.act)) return false;
    const at = this.#writtenAt.get(keyOf(act));
    return at !== undefined && Math.abs(this.#clock.now() - at) < MINUTE_MS;
  }

  written(act: AuditedAct): void {
    if (!LOOKING.includes(act.act)) return;
    const key = keyOf(act);
    this.#writtenAt.delete(key);
    this.#writtenAt.set(key, this.#clock.now());
    forgetOldest(this.#writtenAt, REMEMBERED);
  }
}

function keyOf({ actor, act, about }: AuditedAct): string {
  return JSON.stringify([actor, act, Object.entries(about).toSorted(([one], [other]) => (one < other ? -1 : 1))]);
}
