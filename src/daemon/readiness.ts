/**
 * Whether sidecars are to send here. A store that takes nothing makes it *degraded* and no more: the flight recorder goes on, and whoever were
 * sent away would lose it too.
 */
import type { Readiness } from '../api/server/server.ts';
import type { Clock } from '../domain/clock.ts';
import type { StoreState } from './store-probe.ts';

/** - `stopping`         it was told to stop, and ends what is open
 *  - `sink-dead`        an ingest thread is gone
 *  - `sink-silent`      an ingest thread has said nothing for 5 s
 *  - `store-full`, `store-failing`, `store-slow`   a small file could not be written where recordings go; or took more than a second
 *  - `recordings-wait`  the last recording could not be stored, or one waits for more than 5 s (`trouble` of the vitals says why)
 *  - `history-failing`  the history on disk is not whole */
export type Reason =
  | 'stopping'
  | 'sink-dead'
  | 'sink-silent'
  | `store-${Exclude<StoreState, 'well'>}`
  | 'recordings-wait'
  | 'history-failing';

/** Numbers of ingest come each second. */
const SILENT_MS = 5000;

export interface ReadinessSources {
  readonly isDead: () => boolean;
  readonly keeperTrouble: () => string | undefined;
  readonly historyTrouble: () => string | undefined;
  readonly store: () => Promise<StoreState>;
}

/** Hears the beat of ingest threads. */
export class Heartbeat {
  readonly #clock: Clock;
  /** By worker: what it said last, and when that came. */
  readonly #beats = new Map<number, { readonly said: unknown; readonly at: number }>();
  #stopping = false;

  constructor(clock: Clock, workers = 1) {
    this.#clock = clock;
    for (let worker = 0; worker < workers; worker += 1) this.#beats.set(worker, { said: undefined, at: clock.now() });
  }

  /** A worker has said its numbers: `said` is the same object as long as it has not said them again. */
  heard(said: unknown, worker = 0): void {
    if (this.#beats.get(worker)?.said !== said) this.#beats.set(worker, { said, at: this.#clock.now() });
  }

  stops(): void {
    this.#stopping = true;
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  get isSilent(): boolean {
    const now = this.#clock.now();
    return [...this.#beats.values()].some(({ at }) => now - at > SILENT_MS);
  }
}

export async function readinessOf(heartbeat: Heartbeat, sources: ReadinessSources): Promise<Readiness> {
  const away: Reason[] = [];
  if (heartbeat.isStopping) away.push('stopping');
  if (sources.isDead()) away.push('sink-dead');
  else if (!heartbeat.isStopping && heartbeat.isSilent) away.push('sink-silent');
  const worse: Reason[] = [];
  const store = await sources.store();
  if (store !== 'well') worse.push(`store-${store}`);
  if (sources.keeperTrouble() !== undefined) worse.push('recordings-wait');
  if (sources.historyTrouble() !== undefined) worse.push('history-failing');
  return { status: statusOf(away, worse), reasons: [...away, ...worse] };
}

function statusOf(away: readonly Reason[], worse: readonly Reason[]): Readiness['status'] {
  if (away.length > 0) return 'not-ready';
  return worse.length > 0 ? 'degraded' : 'ready';
}
