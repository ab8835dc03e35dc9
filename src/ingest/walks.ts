/** A capture's walk through several rings is over when all are through. */
import type { CaptureReport, Walked } from '../recorder/capture-order.ts';

/** Walks under way that are remembered: a worker that never ends one is dead, and loopd with it. */
const OPEN = 1000;

export class Walks {
  readonly #workers: number;
  readonly #open = new Map<string, Walked[]>();

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** What there is to say now: memory reaches back to the latest of their beginnings, for before that only some would know. */
  heard(report: CaptureReport): CaptureReport | undefined {
    if (report.kind !== 'walked' || this.#workers === 1) return report;
    const key = `${report.capture} ${String(report.round)}`;
    const walked = [...(this.#open.get(key) ?? []), report];
    this.#open.set(key, walked);
    const [oldest] = this.#open.keys();
    if (this.#open.size > OPEN && oldest !== undefined) this.#open.delete(oldest);
    if (walked.length < this.#workers) return undefined;
    this.#open.delete(key);
    // An empty ring has lost nothing.
    const reaches = walked.flatMap(({ oldestAt }) => oldestAt ?? []);
    const found = walked.reduce((sum, one) => sum + one.found, 0);
    return { ...report, found, oldestAt: reaches.length === 0 ? undefined : Math.max(...reaches) };
  }
}
