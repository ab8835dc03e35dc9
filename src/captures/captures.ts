/** Captures of users: starts and ends them, tells the recorder what to look for, and decides which trees of a candidate are theirs. */
import type { Capture, CaptureEnd, CaptureId, UserPlaces } from '../domain/capture.ts';
import type { AuditTrail } from '../domain/audit.ts';
import type { Clock } from '../domain/clock.ts';
import type { LoopId } from '../domain/ids.ts';
import type { CaptureOrder, CaptureReport, WalkOrder } from '../recorder/capture-order.ts';
import type { StoreKey } from '../seal/keys.ts';
import type { LoopStore } from '../../storage/port.ts';
import { refuseBeyond } from './admission.ts';
import { byPrefix } from './by-prefix.ts';
import { CaptureError } from './error.ts';
import type { CaptureLimits } from './places.ts';
import { capturesOf } from './of-user.ts';
import type { CaptureDesk, CaptureOffice, ErasedCaptures, ShownCapture } from './port.ts';
import { RunningCapture, shown } from './running.ts';
import type { CaptureSecrets } from './sealed.ts';
import { openSecrets, sealSecrets, selectorDigest } from './sealed.ts';
import type { CaptureStart } from './selector.ts';
import { CAPTURE_START, masked, selectedValues } from './selector.ts';

export interface CapturesOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly clock: Clock;
  readonly limits: CaptureLimits;
  readonly places: UserPlaces;
  readonly audit: AuditTrail;
  readonly newId: () => CaptureId;
  /** Undefined where nothing records: captures can be looked at and deleted there. */
  readonly recorder?: ((order: CaptureOrder | WalkOrder) => void) | undefined;
  /** Calls `run` once, about `ms` from now; what it returns cancels that. */
  readonly schedule: (ms: number, run: () => void) => () => void;
  /** Told of what could not be stored. */
  readonly failed: (error: unknown) => void;
}

const DAY_MS = 86_400_000;
const ALIVE_EVERY_MS = 60_000;
/** After its end something that began before may still come, from a long transaction. Then what memory has of it goes. */
const REMEMBERED_MS = 6 * 3_600_000;
/** Walks of one capture: each finds sessions at most, which the next one looks for. */
const ROUNDS = 50;

/** Who acts where nobody asked. */
const ITSELF = 'loop';

export class Captures implements CaptureOffice {
  readonly #options: CapturesOptions;
  readonly #running = new Map<CaptureId, RunningCapture>();
  readonly #timers = new Map<CaptureId, () => void>();
  #alive: (() => void) | undefined;

  constructor(options: CapturesOptions) {
    this.#options = options;
  }

  /** Takes up what ran when loopd ended. Rejects with StorageError. */
  async resume(): Promise<void> {
    const { store, key, clock } = this.#options;
    for (const stored of await store.captures()) {
      const secrets = stored.endedAt === undefined ? openSecrets(stored.sealed, key, stored.id) : undefined;
      if (secrets === undefined) continue;
      const capture = new RunningCapture(stored, secrets);
      const now = clock.now();
      capture.note(
        stored.state.aliveAt,
        `loopd was away until ${time(Math.min(now, capture.until))}: nothing was recorded`,
      );
      this.#running.set(capture.id, capture);
      if (now >= capture.until) this.#end(capture, 'time', capture.until);
      else this.#arm(capture);
    }
    await this.flush();
    this.#say();
    this.#beat();
  }

  async start(asked: CaptureStart, as?: CaptureId, actor = ITSELF): Promise<Capture> {
    const { recorder, limits, key, clock, store, audit, newId } = this.#options;
    if (recorder === undefined)
      throw new CaptureError(
        'no-recorder',
        'No loopd runs here, so there is nobody to record.',
        'Start loopd, or name one: --url.',
      );
    const parsed = CAPTURE_START.safeParse(asked);
    if (!parsed.success)
      throw new CaptureError(
        'invalid',
        `${parsed.error.issues[0]?.message ?? 'It cannot be read'}.`,
        'loopctl capture start --help',
      );
    const read = parsed.data;
    const select = { ...(read.user !== undefined && { user: read.user }), pairs: read.pairs };
    const user = selectorDigest(select, key);
    const now = clock.now();
    const takenToday = await store.capturedBytes(user, Math.floor(now / DAY_MS) * DAY_MS);
    refuseBeyond(read, { limits, running: this.#live(), takenToday });
    const id = as ?? newId();
    const about = { capture: id, who: read.who, reason: masked(read.reason, selectedValues(select)) };
    await audit.record({ actor, act: 'capture-start', about });
    const secrets: CaptureSecrets = { select, reason: read.reason.trim(), who: read.who, sessions: [] };
    const { maxBytes = limits.bytes, maxTransactions = limits.transactions, lookBack } = read;
    const state = { maxBytes, maxTransactions, lookBack, leftOut: 0, aliveAt: now, notes: [] };
    const stored = { id, startedAt: now, until: now + read.forMs, user, state, sealed: sealSecrets(secrets, key, id) };
    await store.putCapture(stored);
    const counted = { ...stored, transactions: 0, failed: 0, notWhole: 0, bytes: 0 };
    this.#begin(new RunningCapture(counted, secrets));
    return shown(counted, secrets, now);
  }

  async stop(id: CaptureId, actor = ITSELF): Promise<Capture> {
    const { audit, clock } = this.#options;
    const capture = this.#running.get(id);
    if (capture === undefined || capture.endedBy !== undefined) {
      const { endedBy } = (await this.#find(id)).capture;
      throw new CaptureError(
        'over',
        `Capture ${id} has ended already${endedBy === undefined ? '' : ` (${endedBy})`}.`,
        `See what it has: loopctl show ${id}`,
      );
    }
    await audit.record({ actor, act: 'capture-stop', about: { capture: id } });
    this.#end(capture, 'stopped', clock.now());
    this.#say();
    await this.flush();
    return (await this.#find(id)).capture;
  }

  async list(): Promise<readonly Capture[]> {
    const { store, key, clock } = this.#options;
    const now = clock.now();
    return (await store.captures()).map((stored) => shown(stored, openSecrets(stored.sealed, key, stored.id), now));
  }

  /** As it stands, without its loops: what is looked at all the time is not audited each time. */
  async peek(id: CaptureId): Promise<Capture | undefined> {
    const { store, key, clock } = this.#options;
    const stored = (await store.captures()).find((one) => one.id === id);
    return stored && shown(stored, openSecrets(stored.sealed, key, id), clock.now());
  }

  async show(id: CaptureId, actor = ITSELF): Promise<ShownCapture> {
    await this.#options.audit.record({ actor, act: 'capture-show', about: { capture: id } });
    return this.#find(id);
  }

  async resolve(text: string): Promise<CaptureId> {
    return byPrefix(
      text,
      (await this.#options.store.captures()).map(({ id }) => id),
    );
  }

  async delete(id: CaptureId, actor = ITSELF): Promise<number> {
    const { store, audit } = this.#options;
    await this.#find(id);
    await audit.record({ actor, act: 'capture-delete', about: { capture: id } });
    this.#letGo(id);
    const orphans = await store.deleteCapture(id);
    for (const loop of orphans) await store.delete(loop, { again: true });
    return orphans.length;
  }

  by(actor: string): CaptureDesk {
    return {
      start: (asked, as) => this.start(asked, as, actor),
      stop: (id) => this.stop(id, actor),
      list: () => this.list(),
      show: (id) => this.show(id, actor),
      resolve: (prefix) => this.resolve(prefix),
      delete: (id) => this.delete(id, actor),
    };
  }

  async eraseUser(user: string, taken: (loops: readonly LoopId[]) => Promise<void>): Promise<ErasedCaptures> {
    const { store, key, places } = this.#options;
    const captures = capturesOf(user, await store.captures(), key, places);
    for (const id of captures) {
      // First it takes no more, so that nothing comes between.
      this.#letGo(id);
      await taken((await store.capturedLoops(id)).map((loop) => loop.id));
      await store.deleteCapture(id);
    }
    return { captures };
  }

  #letGo(id: CaptureId): void {
    const capture = this.#running.get(id);
    if (capture !== undefined && capture.endedBy === undefined)
      this.#end(capture, 'stopped', this.#options.clock.now());
    this.#running.delete(id);
    this.#say();
  }

  /** Captures known here, also those that have ended meanwhile: what began before may still come. */
  known(id: CaptureId): RunningCapture | undefined {
    return this.#running.get(id);
  }

  /** What tells whom these are of, also those that ended long ago. */
  async valuesOf(ids: readonly CaptureId[]): Promise<readonly string[]> {
    const { store, key } = this.#options;
    const unknown = ids.some((id) => !this.#running.has(id));
    const stored = unknown ? await store.captures() : [];
    return ids.flatMap((id) => {
      const sealed = stored.find((one) => one.id === id)?.sealed;
      const select = this.#running.get(id)?.select ?? (sealed && openSecrets(sealed, key, id)?.select);
      return select === undefined ? [] : selectedValues(select);
    });
  }

  /** A limit was reached. */
  endBy(capture: RunningCapture, by: CaptureEnd, what: string): void {
    if (capture.endedBy !== undefined) return;
    const now = this.#options.clock.now();
    this.#end(capture, by, now);
    capture.note(now, what);
    this.#say();
  }

  /** What the recorder says, after the parts that it sent before have been kept. */
  hear(report: CaptureReport): void {
    const capture = this.#running.get(report.capture);
    if (capture === undefined) return;
    if (report.kind === 'sessions') {
      for (const { value, at } of report.sessions) this.learnt(capture, capture.sessions.see(value, { at, own: true }));
    } else {
      capture.walking = false;
      if (report.round === 1 && capture.lookBack) {
        capture.reachedBackTo = Math.min(report.oldestAt ?? capture.startedAt, capture.startedAt);
        capture.changed = true;
      }
    }
    this.follow();
    this.#store();
  }

  learnt(capture: RunningCapture, what: 'new' | 'lost' | 'known'): void {
    if (what === 'known') return;
    capture.changed = true;
    if (what === 'new') capture.unsaid = true;
  }

  /** Tells the recorder of sessions that have shown, and has it look for them in what it holds. */
  follow(): void {
    const ready = this.#live().filter(({ unsaid, walking, round }) => unsaid && !walking && round < ROUNDS);
    if (ready.length === 0) return;
    this.#say();
    for (const capture of ready) this.#walk(capture);
  }

  /** Stores what has changed. */
  async flush(): Promise<void> {
    const { store, key, clock } = this.#options;
    for (const capture of this.#running.values()) {
      if (!capture.changed) continue;
      capture.changed = false;
      const secrets = { ...capture.secrets, sessions: capture.sessions.written() };
      await store.putCapture(capture.stored(sealSecrets(secrets, key, capture.id), clock.now()));
    }
  }

  async close(): Promise<void> {
    this.#alive?.();
    for (const cancel of this.#timers.values()) cancel();
    for (const capture of this.#live()) capture.changed = true;
    await this.flush();
  }

  #live(): readonly RunningCapture[] {
    const now = this.#options.clock.now();
    return [...this.#running.values()].filter(({ endedBy, until }) => endedBy === undefined && now < until);
  }

  #begin(capture: RunningCapture): void {
    this.#running.set(capture.id, capture);
    this.#arm(capture);
    this.#say();
    if (capture.lookBack) this.#walk(capture);
  }

  #walk(capture: RunningCapture): void {
    capture.round += 1;
    capture.walking = true;
    capture.unsaid = false;
    this.#options.recorder?.({ kind: 'walk', capture: capture.id, round: capture.round });
  }

  #arm(capture: RunningCapture): void {
    const { clock, schedule } = this.#options;
    const cancel = schedule(Math.max(0, capture.until - clock.now()), () => {
      if (capture.endedBy === undefined) this.#end(capture, 'time', capture.until);
      this.#say();
      this.#store();
    });
    this.#timers.set(capture.id, cancel);
  }

  #end(capture: RunningCapture, by: CaptureEnd, at: number): void {
    capture.end(by, at);
    this.#timers.get(capture.id)?.();
    this.#timers.delete(capture.id);
  }

  #say(): void {
    const captures = this.#live().map(({ id, until, select, sessions }) => ({
      id,
      until,
      select,
      sessions: sessions.followed(),
    }));
    this.#options.recorder?.({ kind: 'captures', places: this.#options.places, captures });
  }

  /** Now and then, so that after a crash it is known since when nobody looked after it. */
  #beat(): void {
    this.#alive = this.#options.schedule(ALIVE_EVERY_MS, () => {
      for (const capture of this.#live()) capture.changed = true;
      this.#store();
      this.#dropEnded();
      this.#beat();
    });
  }

  #dropEnded(): void {
    const before = this.#options.clock.now() - REMEMBERED_MS;
    for (const { id, endedAt = Infinity, changed } of this.#running.values())
      if (endedAt < before && !changed) this.#running.delete(id);
  }

  #store(): void {
    this.flush().catch((error: unknown) => this.#options.failed(error));
  }

  async #find(id: CaptureId): Promise<ShownCapture> {
    const capture = await this.peek(id);
    if (capture === undefined)
      throw new CaptureError('not-found', `There is no capture ${id}.`, 'loopctl capture list shows what there is.');
    return { capture, loops: await this.#options.store.capturedLoops(id) };
  }
}

function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
