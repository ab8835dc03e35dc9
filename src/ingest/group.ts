/** Several ingest threads behind one handle: what is said to one is said to all, and what they say is put together. */
import type { Clock } from '../domain/clock.ts';
import type { BrakedCount } from '../recorder/brake.ts';
import { limitsOf } from '../recorder/options.ts';
import { NOTHING_SHED, type Shed, worstOf } from '../recorder/overload.ts';
import type { RecordedPart } from '../recorder/part.ts';
import { startIngest } from './client.ts';
import type { IngestHandle, IngestHandlers, IngestStats, IngestThreadHandle } from './client.ts';
import { addressesOf, configOf } from './group-config.ts';
import type { GroupConfig } from './group-config.ts';
import { splitInstances, unitedStats } from './group-stats.ts';
import { JointSamples } from './joint-samples.ts';
import { Telling } from './telling.ts';
import type { KeptLoop } from './telling.ts';
import type { ListenAddress } from './transport.ts';
import { UnitedCounts } from './united-counts.ts';
import { Walks } from './walks.ts';

export type { GroupConfig, ShardAddress } from './group-config.ts';

export interface GroupHandlers extends Omit<IngestHandlers, 'onStats' | 'onAmbiguous' | 'onOverload'> {
  /** Of all workers together; `workers` has each by itself. About once a second of each. */
  onStats(stats: IngestStats, workers: readonly IngestStats[]): void;
  /** Instances (Instance.key) that several workers hear, though each is to send to one: once of each. */
  onSplit?(instances: readonly string[]): void;
}

export interface GroupHandle extends IngestHandle {
  /** The keeper has kept a loop: every worker that has more of it hands that out. */
  kept(loop: KeptLoop): void;
}

export interface GroupOptions {
  readonly clock: Clock;
  readonly entry?: URL;
}

/**
 * Rejects as startIngest does, when one of them cannot come up; the others are stopped before. After a failure of one the others go on, and
 * hand over what is to be kept when they are stopped.
 */
export async function startIngestGroup(
  config: GroupConfig,
  handlers: GroupHandlers,
  { clock, entry }: GroupOptions,
): Promise<GroupHandle> {
  const group = new IngestGroup(config, handlers, clock);
  await group.start(config, entry);
  return group;
}

class IngestGroup implements GroupHandle {
  addresses: readonly ListenAddress[] = [];
  readonly #handlers: GroupHandlers;
  readonly #workers: number;
  readonly #threads: IngestThreadHandle[] = [];
  readonly #stats = new Map<number, IngestStats>();
  readonly #walks: Walks;
  readonly #telling = new Telling(() => this.#threads);
  readonly #counts = new UnitedCounts();
  readonly #samples: JointSamples;
  readonly #split = new Set<string>();
  /** What each worker has to give up. */
  readonly #overloads: Shed[] = [];
  #failed = false;
  /** What workers told while others were not up yet, for whom it is too. */
  #early: (() => void)[] | undefined = [];

  constructor({ workers, recorder = {} }: GroupConfig, handlers: GroupHandlers, clock: Clock) {
    this.#handlers = handlers;
    this.#workers = workers;
    this.#walks = new Walks(workers);
    this.#samples = new JointSamples({
      limits: limitsOf(recorder),
      clock,
      schedule,
      hand: (part) => handlers.onPart(part),
    });
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
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const tell of early) tell();
    this.addresses = addressesOf(
      config,
      this.#threads.map(({ addresses }) => addresses),
    );
  }

  keep(...asked: Parameters<IngestHandle['keep']>): void {
    for (const thread of this.#threads) thread.keep(...asked);
  }

  kept(loop: KeptLoop): void {
    this.#samples.spoil(loop.keys);
    this.#telling.kept(loop);
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
    this.#samples.flush();
  }

  #handlersOf(worker: number): IngestHandlers {
    const handlers = this.#handlers;
    return {
      onPart: (part) => this.#takePart(part),
      onInspection: (inspection) => handlers.onInspection(inspection),
      onBraked: (counts) => this.#takeBraked(worker, counts),
      onStats: (stats) => this.#takeStats(worker, stats),
      onOverload: (shed) => this.#whenAllAreUp(() => this.#takeOverload(worker, shed)),
      onAmbiguous: (ids) => this.#whenAllAreUp(() => this.#telling.ambiguous(ids, this.#threads[worker]?.recorder)),
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

  #whenAllAreUp(tell: () => void): void {
    if (this.#early === undefined) tell();
    else this.#early.push(tell);
  }

  #takePart(part: RecordedPart): void {
    if (this.#workers > 1) {
      if (part.purpose === 'exemplar') return this.#samples.take(part);
      const keys = [part.transaction, ...part.aliases];
      if (part.purpose === 'failure') this.#samples.spoil(keys);
      if (part.signature !== undefined) this.#tellBraked(this.#counts.arrived(keys));
    }
    this.#handlers.onPart(part);
  }

  #takeBraked(worker: number, counts: readonly BrakedCount[]): void {
    if (this.#workers === 1) return this.#tellBraked(counts);
    for (const { counted = [] } of counts) for (const digests of counted) this.#samples.spoilDigests(digests);
    this.#tellBraked(this.#counts.braked(worker, counts));
  }

  #tellBraked(counts: readonly BrakedCount[]): void {
    if (counts.length > 0) this.#handlers.onBraked?.(counts);
  }

  /** All give up what the one that has most to do must: half a transaction is worth little, and the other half would cost the others. */
  #takeOverload(worker: number, shed: Shed): void {
    this.#overloads[worker] = shed;
    if (this.#workers === 1) return;
    const worst = worstOf(Array.from(this.#overloads, (one) => one ?? NOTHING_SHED));
    for (const thread of this.#threads) thread.shed(worst);
  }

  #takeStats(worker: number, stats: IngestStats): void {
    this.#stats.set(worker, stats);
    const all = [...this.#stats].toSorted(([one], [other]) => one - other).map(([, of]) => of);
    const [first, ...others] = all;
    if (first === undefined || all.length < this.#workers) return;
    this.#findSplit(all);
    this.#handlers.onStats({ ...unitedStats([first, ...others]), splitInstances: this.#split.size }, all);
  }

  /** Nobody is sure any more whose a command is where two recorders have half of an instance each. */
  #findSplit(all: readonly IngestStats[]): void {
    const fresh = splitInstances(all).filter((key) => !this.#split.has(key));
    if (fresh.length === 0) return;
    for (const key of fresh) this.#split.add(key);
    for (const thread of this.#threads) thread.split(fresh);
    this.#handlers.onSplit?.(fresh);
  }
}

function schedule(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
