/** Between recorder and store: which exchange trees of a candidate go into a capture, and which loops leave one again. */
import type { CaptureId } from '../domain/capture.ts';
import type { LoopId } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';
import { JwtReader } from '../wire/users/jwt.ts';
import type { Wish } from '../../storage/captures.ts';
import type { LoopStore } from '../../storage/port.ts';
import type { Captures } from './captures.ts';
import type { Belonging } from './judge.ts';
import { belongs } from './judge.ts';
import type { CaptureLimits } from './places.ts';
import type { RunningCapture } from './running.ts';
import { learn } from './learn.ts';
import type { Looking, TreeShown } from './trees.ts';
import { treesShown } from './trees.ts';

/** A tree, and what each capture that was asked makes of it. */
export interface JudgedTree {
  readonly tree: TreeShown;
  readonly by: readonly { readonly capture: RunningCapture; readonly how: Belonging }[];
}

export interface GateOptions {
  readonly captures: Captures;
  readonly store: LoopStore;
  readonly limits: CaptureLimits;
  readonly places: Looking['places'];
  readonly now: () => number;
}

/** Of records: what is saved now, and with what the loop had. */
export interface Bytes {
  readonly added: number;
  readonly all: number;
}

const DAY_MS = 86_400_000;

/** Noted with a loop; `saved` counts it, once it is. */
export interface Admitted {
  readonly wishes: readonly Wish[];
  /** Whose they are: a session may be all that tells. */
  readonly users: readonly string[];
  readonly saved: () => void;
}

/** A capture takes the tree. */
export function isWanted({ tree, by }: JudgedTree): boolean {
  return by.some(({ capture, how }) => (how === 'own' || how === 'session') && capture.takes(tree.startedAt));
}

export class CaptureGate {
  readonly #options: GateOptions;
  readonly #looking: Looking;
  /** Captures one of whose sessions turned out to be somebody else's from some time on. */
  readonly #doubted = new Set<RunningCapture>();

  constructor(options: GateOptions) {
    this.#options = options;
    this.#looking = { places: options.places, jwt: new JwtReader() };
  }

  /** Every tree of the transaction. What it tells of sessions is learnt first: one tree may tell whose another one is. */
  judge(candidates: readonly CaptureId[], transaction: Transaction): readonly JudgedTree[] {
    const captures = candidates.flatMap((id) => this.#options.captures.known(id) ?? []);
    if (captures.length === 0) return [];
    const trees = treesShown(transaction, this.#looking);
    for (const capture of captures)
      for (const tree of trees)
        for (const what of learn(capture, tree)) {
          this.#options.captures.learnt(capture, what);
          if (what === 'lost') this.#doubted.add(capture);
        }
    return trees.map((tree) => ({
      tree,
      by: captures.map((capture) => ({ capture, how: belongs(tree, capture.select, capture.sessions) })),
    }));
  }

  /** What is to be noted with the loop when a tree is saved in it. Ends captures that are full. */
  async admit({ tree, by }: JudgedTree, loop: LoopId, { added, all }: Bytes): Promise<Admitted> {
    const wanted = await this.#options.store.wantedBy(loop);
    const wishes: Wish[] = [];
    const counts: (() => void)[] = [];
    const users = new Set<string>();
    for (const { capture, how } of by) {
      if ((how !== 'own' && how !== 'session') || !capture.takes(tree.startedAt)) continue;
      const bytes = wanted.includes(capture.id) ? added : all;
      if (!(await this.#hasRoom(capture, bytes, wanted.includes(capture.id)))) continue;
      wishes.push({ capture: capture.id, user: capture.user, bytes, at: this.#options.now() });
      if (capture.select.user !== undefined) users.add(capture.select.user);
      counts.push(() => {
        if (!wanted.includes(capture.id)) capture.transactions += 1;
        capture.bytes += bytes;
        const sessions = [...tree.sessions].filter((session) => capture.sessions.isOwn(session, tree.startedAt));
        if (how === 'session') capture.bySession.set(loop, { sessions, at: tree.startedAt });
        else capture.bySession.delete(loop);
      });
    }
    return { wishes, users: [...users], saved: () => counts.forEach((count) => count()) };
  }

  /** A loop whose tree shows another user by now leaves the capture. */
  async release({ by }: JudgedTree, loop: LoopId): Promise<void> {
    for (const { capture, how } of by) if (how === 'shared') await this.#let(capture, loop);
  }

  /** Captures whose trees may be in a part, or are in loops that it may belong to. */
  async candidates(captures: readonly CaptureId[], loops: readonly LoopId[]): Promise<readonly CaptureId[]> {
    const wanted = await Promise.all(loops.map((loop) => this.#options.store.wantedBy(loop)));
    return [...new Set([...captures, ...wanted.flat()])];
  }

  /** What is not to be readable in a loop: whom its captures are of. */
  async hidden(loop: LoopId, wishes: readonly Wish[]): Promise<readonly string[]> {
    const wanted = await this.#options.store.wantedBy(loop);
    return this.#options.captures.valuesOf([...new Set([...wanted, ...wishes.map(({ capture }) => capture)])]);
  }

  /** Counts trees that show somebody else too. */
  leaveOut(trees: readonly JudgedTree[]): void {
    for (const { tree, by } of trees)
      for (const { capture, how } of by)
        if (how === 'shared' && capture.takes(tree.startedAt)) capture.leaveOut(tree.root);
  }

  /** After a part: stores what has changed, and follows the sessions that have shown. */
  async settled(): Promise<void> {
    for (const capture of this.#doubted) {
      this.#doubted.delete(capture);
      for (const [loop, { sessions, at }] of capture.bySession)
        if (!sessions.some((session) => capture.sessions.isOwn(session, at))) await this.#let(capture, loop);
    }
    await this.#options.captures.flush();
    this.#options.captures.follow();
  }

  /** A recording could not be stored: it is missing from these captures. */
  lost(candidates: readonly CaptureId[], why: string): void {
    for (const id of candidates)
      this.#options.captures.known(id)?.note(this.#options.now(), `a recording was lost: ${why}`);
  }

  async #let(capture: RunningCapture, loop: LoopId): Promise<void> {
    const { store } = this.#options;
    capture.bySession.delete(loop);
    if (!(await store.wantedBy(loop)).includes(capture.id)) return;
    await store.unwant(capture.id, loop);
    capture.transactions -= 1;
    const others = await store.wantedBy(loop);
    const { summary } = await store.get(loop);
    if (others.length === 0 && summary.purpose === 'capture') await store.delete(loop, { again: true });
  }

  async #hasRoom(capture: RunningCapture, bytes: number, known: boolean): Promise<boolean> {
    const { captures, limits, store, now } = this.#options;
    if (!known && capture.transactions >= capture.maxTransactions) {
      captures.endBy(capture, 'count', `${capture.maxTransactions} transactions were taken: no more is`);
      return false;
    }
    if (capture.bytes + bytes > capture.maxBytes) {
      captures.endBy(capture, 'bytes', `${capture.maxBytes} bytes are full: no more is taken`);
      return false;
    }
    const today = await store.capturedBytes(capture.user, Math.floor(now() / DAY_MS) * DAY_MS);
    if (today + bytes <= limits.bytesPerUserAndDay) return true;
    captures.endBy(capture, 'bytes', `captures of this user have taken ${today} bytes today: no more is taken`);
    return false;
  }
}
