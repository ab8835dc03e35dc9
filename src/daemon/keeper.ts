/**
 * Parts become loops: opened, assembled with what is already stored, judged, sealed, saved. One part at a time, so that two parts of one
 * transaction never race; what waits is bounded in bytes, and what does not fit is counted and named in the health.
 */
import { forgetOldest } from '../domain/bounded.ts';
import type { Clock } from '../domain/clock.ts';
import type { JudgedTree } from '../captures/gate.ts';
import { isWanted } from '../captures/gate.ts';
import type { LoopId, RecorderId, TransactionKey } from '../domain/ids.ts';
import type { RecordingPurpose } from '../domain/loop.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { KeptLoop } from '../ingest/telling.ts';
import type { RecordedPart } from '../recorder/part.ts';
import type { PartContent } from '../wire/segments/part.ts';
import { readRecords } from '../wire/segments/record.ts';
import { digestsOf } from './identity.ts';
import type { PlannedLoop } from './plan-loops.ts';
import { planLoops } from './plan-loops.ts';
import { Remainders } from './remainders.ts';
import type { KnownLoop } from './known-loops.ts';
import { wholeOf } from './known-loops.ts';
import type { SaverCounts, SaverOptions } from './saver.ts';
import { Saver } from './saver.ts';
import type { Member } from './taken.ts';
import { namesOf, onlyNew, streamsIn, takeIn } from './taken.ts';
import { StorageError } from '../../storage/errors.ts';

export interface KeeperOptions extends SaverOptions {
  /** Told of each part that waits, and when it waits no more. `share`: how much of the room is taken. */
  readonly waiting?: Waiting;
  /** Bytes of parts that may wait. */
  readonly backlogBytes: number;
  /** By which it knows how long something waits. */
  readonly clock?: Clock;
  /** Resolves after about so many ms. */
  readonly wait: (ms: number) => Promise<void>;
  readonly log: KeeperLog;
  /** Asks the recorder for the rest of a transaction that was found to belong to a loop. */
  readonly want?: (transaction: TransactionKey) => void;
  /** A loop was kept, or has grown: recorders may have more of it. */
  readonly admitted?: (kept: KeptLoop) => void;
  /** What failed by itself is listed; `endedAt`: when it said its last, Unix ms. */
  readonly listed?: (endedAt: number) => void;
}

export interface Waiting {
  arrived(part: RecordedPart, share: number): void;
  done(part: RecordedPart): void;
}

export interface KeeperLog {
  kept(id: LoopId, purpose: RecordingPurpose): void;
  failed(message: string, hint: string | undefined): void;
}

/** Counts since start. */
export interface KeeperStats extends SaverCounts {
  /** Parts that found no room to wait, or could not be saved. */
  readonly lost: number;
  readonly lostBytes: number;
  readonly backlogBytes: number;
  readonly backlogParts: number;
}

const RETRY_MS = 2_000;
/** What was begun when time was out may take so much more: then the store hangs. */
const GRACE_MS = 2_000;
/** What waits for longer is told: the store does not keep up. */
const LONG_MS = 5_000;
/** Good trees of traces that have failed ones too. */
const ASKED = 10_000;
const REMAINDER_BYTES = 32 * 1024 * 1024;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #saver: Saver;
  /** Keys of transactions that were asked for because they belong to a loop. */
  readonly #asked = new Set<TransactionKey>();
  readonly #remainders = new Remainders(REMAINDER_BYTES);
  #queue: Promise<void> = Promise.resolve();
  #backlog = 0;
  /** Each that waits, and when it came, oldest first. */
  readonly #waiting = new Set<{ readonly part: RecordedPart; readonly at: number | undefined }>();
  #lost = 0;
  #lostBytes = 0;
  #trouble: string | undefined;
  #stopping = false;
  /** There is no time left to store anything. */
  #outOfTime = false;
  /** The store does not answer: nothing is waited for, and all that waited is counted. */
  #givenUp = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#saver = new Saver(options);
  }

  /** Takes a part over. Never throws. */
  take(part: RecordedPart): void {
    const bytes = bytesOf(part);
    if (this.#backlog + bytes > this.#options.backlogBytes) {
      this.#lose(part, `${this.#backlog} bytes of recordings wait to be stored; there is no room for more`);
      return;
    }
    this.#backlog += bytes;
    const arrival = { part, at: this.#options.clock?.now() };
    this.#waiting.add(arrival);
    this.#options.waiting?.arrived(part, this.#backlog / this.#options.backlogBytes);
    this.#queue = this.#queue
      .then(() => this.#save(part))
      .finally(() => {
        this.#backlog -= bytes;
        this.#waiting.delete(arrival);
        this.#options.waiting?.done(part);
      });
  }

  stats(): KeeperStats {
    return {
      ...this.#saver.counts,
      lost: this.#lost,
      lostBytes: this.#lostBytes,
      backlogBytes: this.#backlog,
      backlogParts: this.#waiting.size,
    };
  }

  /** One sentence while recordings cannot be stored. */
  trouble(): string | undefined {
    return this.#trouble;
  }

  /** One sentence while they are not stored as fast as they come. */
  slowness(): string | undefined {
    const [oldest] = this.#waiting;
    const now = this.#options.clock?.now();
    if (now === undefined || oldest?.at === undefined || now - oldest.at <= LONG_MS) return undefined;
    return `The store is too slow: ${this.#waiting.size} recordings wait to be stored, for up to ${Math.round((now - oldest.at) / 1000)} s.`;
  }

  /**
   * Stores what waits; gives up on a full disk instead of waiting for space. After `withinMs` what still waits is lost, and counted: whoever
   * stops loopd kills it when it takes too long, and then nobody would say so. What was begun has a little more, then the store hangs, and is not
   * waited for. Idempotent.
   */
  async stop(withinMs = Infinity): Promise<void> {
    this.#stopping = true;
    if (withinMs === Infinity && !this.#givenUp) await this.#queue;
    if (withinMs === Infinity || this.#givenUp || (await this.#isThrough(withinMs))) return;
    this.#outOfTime = true;
    if (!(await this.#isThrough(GRACE_MS))) this.#giveUp();
  }

  #isThrough(withinMs: number): Promise<boolean> {
    return Promise.race([this.#queue.then(() => true), this.#options.wait(withinMs).then(() => false)]);
  }

  #giveUp(): void {
    for (const { part } of this.#waiting) this.#lose(part, 'loopd was stopped, and the store does not answer');
    this.#waiting.clear();
    this.#givenUp = true;
  }

  /** Calls back once every part that was taken so far is kept. */
  after(act: () => void): void {
    this.#queue = this.#queue.then(act);
  }

  async #save(part: RecordedPart): Promise<void> {
    for (;;) {
      if (this.#outOfTime) return this.#lose(part, 'loopd was stopped, and the store was too slow to take it');
      try {
        await this.#keep(part);
        this.#trouble = undefined;
        return;
      } catch (error) {
        if (error instanceof StorageError && error.code === 'deleted') return; // A person deleted it: its late parts go too.
        if (!(error instanceof StorageError) || error.code !== 'full' || this.#stopping) return this.#lose(part, error);
        if (this.#trouble === undefined) this.#options.log.failed(error.message, error.hint);
        this.#trouble = error.message;
        await this.#options.wait(RETRY_MS);
      }
    }
  }

  async #keep(received: RecordedPart): Promise<void> {
    this.#saver.learn(received);
    if (received.purpose === 'exemplar' || received.purpose === 'ambient') return this.#saver.keepCompanion(received);
    const { part, members } = takeIn(received);
    const names = namesOf(members);
    const at = lastAt(part);
    const digests = digestsOf(names, this.#options.key, at);
    const { known, deleted } = await this.#saver.known(digests, names);
    // A person deleted it: its late parts go too.
    if (deleted && known.length === 0) return;
    const fresh = [part, ...this.#remainders.of(names)];
    const whole = wholeOf(part, known, fresh, this.#saver.rules());
    const trees = await this.#judged(part, known, whole.transaction);
    const wanted = new Map(trees.filter(isWanted).map(({ tree }) => [tree.root, tree.streams]));
    const plans = planLoops({ ...whole, known, members, purpose: part.purpose, wanted });
    // What was asked for, and is of no loop after all, is somebody else's.
    if (known.length === 0 && whole.verdict.failures.length === 0 && names.some((name) => this.#asked.has(name)))
      return;
    for (const plan of plans) {
      const own = digestsOf(namesOf(plan.members), this.#options.key, at);
      const about = { received: part, fresh, digests: own, names, whole: whole.transaction };
      const kept = await this.#saver.keep(plan, { ...about, tree: treeOf(plan, trees) });
      if (!kept) continue;
      this.#options.admitted?.({ keys: namesOf(plan.members), at, recorders: recordersOf(fresh, plan.known) });
      if (part.purpose === 'failure' && part.asked !== true) this.#options.listed?.(at);
      this.#ask(plan.members.filter((member) => member !== members[0]));
    }
    this.#remainders.forget(names);
    for (const content of fresh) this.#remember(plans, names[0] ?? part.transaction, content);
    await this.#options.captures?.settled();
  }

  /** What captures make of each tree; nothing when none can want any. */
  async #judged(
    { captures = [] }: RecordedPart,
    known: readonly KnownLoop[],
    transaction: Transaction,
  ): Promise<readonly JudgedTree[]> {
    const gate = this.#options.captures;
    if (gate === undefined) return [];
    const ids = known.map(({ id }) => id);
    const trees = gate.judge(await gate.candidates(captures, ids), transaction);
    gate.leaveOut(trees);
    return trees;
  }

  /** For the rest of transactions that were found to belong to a loop: of a neighbour, a part had only what it was found by. */
  #ask(members: readonly Member[]): void {
    for (const { names } of members) {
      if (names.some((name) => this.#asked.has(name))) continue;
      for (const name of names) this.#asked.add(name);
      this.#options.want?.(names[0]);
    }
    forgetOldest(this.#asked, ASKED);
  }

  /** Trees of the same trace that have not failed: they are needed when they do. */
  #remember(plans: readonly PlannedLoop<KnownLoop>[], name: TransactionKey, part: PartContent): void {
    const taken = plans.map(({ streams }) => streams);
    if (taken.includes(undefined)) return;
    const rest = new Set(taken.flatMap((streams) => [...(streams ?? [])]));
    const others = streamsIn(part).filter((stream) => !rest.has(stream));
    if (others.length > 0) this.#remainders.add(name, onlyNew(part, [], new Set(others)));
  }

  #lose(part: RecordedPart, why: unknown): void {
    if (this.#givenUp) return;
    this.#lost += 1;
    this.#lostBytes += part.records.length;
    const said = why instanceof Error ? why.message : String(why);
    this.#trouble = `Recordings were lost: ${said}`;
    this.#options.captures?.lost(part.captures ?? [], said);
    this.#options.log.failed(
      `A recording of ${part.records.length} bytes (${part.purpose}, ${part.transaction}) was lost: ${said}`,
      undefined,
    );
  }
}

/** The one tree a loop is of; undefined when it takes several. */
function treeOf({ root, streams }: PlannedLoop<KnownLoop>, trees: readonly JudgedTree[]): JudgedTree | undefined {
  if (streams === undefined && trees.length > 1) return undefined;
  return trees.find(({ tree }) => tree.root === root);
}

function recordersOf(fresh: readonly PartContent[], known: readonly KnownLoop[]): ReadonlySet<RecorderId> {
  const former = known.flatMap((loop) => loop.former);
  return new Set([...fresh, ...former].map(({ recorder }) => recorder));
}

/** With its neighbours. */
function bytesOf({ records, around }: RecordedPart): number {
  return (around?.neighbours ?? []).reduce((sum, neighbour) => sum + neighbour.records.length, records.length);
}

/** Of its last record, Unix ms. */
function lastAt({ records }: RecordedPart): number {
  return readRecords(records).segments.reduce(
    (last, { at, kind }) => (kind === 'placed' ? last : Math.max(last, at)),
    0,
  );
}
