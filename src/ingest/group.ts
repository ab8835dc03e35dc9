/** Several ingest threads behind one handle: what is said to one is said to all, and what they say is put together. */
import { startIngest } from './client.ts';
import type { IngestHandle, IngestHandlers, IngestStats, IngestThreadHandle } from './client.ts';
import { addressesOf, configOf } from './group-config.ts';
import type { GroupConfig } from './group-config.ts';
import { splitInstances, unitedStats } from './group-stats.ts';
import type { ListenAddress } from './transport.ts';
import { Walks } from './walks.ts';

export type { GroupConfig, ShardAddress } from './group-config.ts';

export interface GroupHandlers extends Omit<IngestHandlers, 'onStats'> {
  /** Of all workers together; `workers` has each by itself. About once a second of each. */
  onStats(stats: IngestStats, workers: readonly IngestStats[]): void;
}

/** Rejects as startIngest does, when one of them cannot come up; the others are stopped before. */
export async function startIngestGroup(
  config: GroupConfig,
  handlers: GroupHandlers,
  entry?: URL,
): Promise<IngestHandle> {
  const group = new IngestGroup(config, handlers);
  await group.start(config, entry);
  return group;
}

class IngestGroup implements IngestHandle {
  addresses: readonly ListenAddress[] = [];
  readonly #handlers: GroupHandlers;
  readonly #workers: number;
  readonly #threads: IngestThreadHandle[] = [];
  readonly #stats = new Map<number, IngestStats>();
  readonly #walks: Walks;
  readonly #split = new Set<string>();
  #failed = false;

  constructor({ workers }: GroupConfig, handlers: GroupHandlers) {
    this.#handlers = handlers;
    this.#workers = workers;
    this.#walks = new Walks(workers);
  }

  async start(config: GroupConfig, entry: URL | undefined): Promise<void> {
    const all = Array.from({ length: this.#workers }, (_, worker) =>
      startIngest(configOf(config, worker), this.#handlersOf(worker), entry),
    );
    const settled = await Promise.allSettled(all);
    for (const one of settled) if (one.status === 'fulfilled') this.#threads.push(one.value);
    const refused = settled.find((one) => one.status === 'rejected');
    if (refused !== undefined) {
      await this.stop();
      throw refused.reason;
    }
    this.addresses = addressesOf(
      config,
      this.#threads.map(({ addresses }) => addresses),
    );
  }

  keep(...asked: Parameters<IngestHandle['keep']>): void {
    for (const thread of this.#threads) thread.keep(...asked);
  }

  brake(...asked: Parameters<IngestHandle['brake']>): void {
    for (const thread of this.#threads) thread.brake(...asked);
  }

  captures(...asked: Parameters<IngestHandle['captures']>): void {
    for (const thread of this.#threads) thread.captures(...asked);
  }

  rules(...asked: Parameters<IngestHandle['rules']>): void {
    for (const thread of this.#threads) thread.rules(...asked);
  }

  /** To the one that asked. */
  inspected(...[answer]: Parameters<IngestHandle['inspected']>): void {
    this.#threads.find(({ recorder }) => recorder === answer.recorder)?.inspected(answer);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  #handlersOf(worker: number): IngestHandlers {
    const handlers = this.#handlers;
    return {
      onPart: (part) => handlers.onPart(part),
      onInspection: (inspection) => handlers.onInspection(inspection),
      onBraked: (counts) => handlers.onBraked?.(counts),
      onStats: (stats) => this.#takeStats(worker, stats),
      onCaptures: (report) => {
        const all = this.#walks.heard(report);
        if (all !== undefined) handlers.onCaptures?.(all);
      },
      onFailure: (error) => {
        if (!this.#failed) handlers.onFailure(error);
        this.#failed = true;
      },
    };
  }

  #takeStats(worker: number, stats: IngestStats): void {
    this.#stats.set(worker, stats);
    const all = [...this.#stats].toSorted(([one], [other]) => one - other).map(([, of]) => of);
    const [first, ...others] = all;
    if (first === undefined || all.length < this.#workers) return;
    this.#findSplit(all);
    this.#handlers.onStats(unitedStats([first, ...others]), all);
  }

  /** Nobody is sure any more whose a command is where two recorders have half of an instance each. */
  #findSplit(all: readonly IngestStats[]): void {
    const fresh = splitInstances(all).filter((key) => !this.#split.has(key));
    if (fresh.length === 0) return;
    for (const key of fresh) this.#split.add(key);
    for (const thread of this.#threads) thread.split(fresh);
  }
}
