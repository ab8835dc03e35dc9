import type { Clock } from '../domain/clock.ts';
import type { Brake } from './brake.ts';
import type { Holding } from './holding.ts';
import type { RecorderLimits, Schedule } from './options.ts';
import type { Registry } from './registry.ts';
import type { Entry } from './entry.ts';
import { Settled } from './settled.ts';
import { Wheel } from './wheel.ts';

/** Fine enough that a settled transaction is out soon, coarse enough that few slots wait. */
const SLOT_MS = 50;
/** So often is looked whether the callers of a kept transaction have answered. */
const CALLERS_MS = 200;

export interface SettlementPort {
  readonly holding: Holding;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly limits: RecorderLimits;
  readonly brake: Brake;
  /** Copies out what a kept transaction has that no part has yet. `last`: nothing can be asked for later. */
  readonly copyOut: (entry: Entry, last: boolean) => void;
  /** Somebody may still turn out to have caused it. */
  readonly awaitsCallers: (entry: Entry) => boolean;
  /** A transaction went well and came to rest; its records are tossed, but still there. */
  readonly wentWell: (entry: Entry) => void;
}

/**
 * Decides when a transaction is over: quiet is no open exchange and nothing new for settleMs. Quiet and failed: copied out. Quiet and
 * well: tossed. Failed and never quiet: copied out every maxOpenMs, and before age takes anything of it; only what is new. Settled transactions stay in the index while the
 * ring holds something of them: a late segment opens them again, and a late failure still finds all that age has left.
 */
export class Settlement {
  readonly #port: SettlementPort;
  readonly #wheel: Wheel<Entry>;
  /** Quiet ones, longest settled first: what the index forgets when it is full. */
  readonly #settled = new Settled();
  tossed = 0;
  kept = 0;
  /** Failed, and by the brake only counted. */
  counted = 0;
  /** To be kept, and age took something of it while nothing could be handed out. */
  lostWhileHeld = 0;
  readonly #losing = new Set<Entry>();
  #held = false;

  constructor(port: SettlementPort) {
    this.#port = port;
    this.#wheel = new Wheel(port.clock, port.schedule, SLOT_MS, (entry, now) => this.#look(entry, now));
  }

  /** Something of the transaction came or ended. */
  touch(entry: Entry, at: number): void {
    entry.lastAt = at;
    entry.fresh = true;
    this.#settled.delete(entry);
    this.#arm(entry);
  }

  /** Something came that tells of the past: it is taken along when the transaction is settled, or by itself when it was already. */
  note(entry: Entry): void {
    entry.fresh = true;
    if (entry.armedAt === Infinity) this.touch(entry, entry.lastAt);
  }

  /** `asked`: by another sink or a person, whatever it did. A failure of what the brake has counted is counted with it. */
  keep(entry: Entry, at: number, why: 'failed' | 'asked' | 'captured' = 'asked'): void {
    if (why === 'asked') entry.asked = true;
    if (why !== 'failed') this.#uncount(entry, at);
    const anew = isAnew(entry, why);
    if (why !== 'captured') entry.purpose = 'failure';
    if ((entry.keep && !anew) || entry.counted === 'counted') return;
    this.#want(entry, at, anew);
  }

  /** Its loop is kept. What the brake has counted of it stays counted; `has`: nothing that was sent is wanted again. */
  keepElsewhere(entry: Entry, at: number, has: boolean): void {
    entry.elsewhere = true;
    const anew = entry.counted === 'kept' && !has;
    if (!entry.keep || anew) this.#want(entry, at, anew);
  }

  #want(entry: Entry, at: number, anew: boolean): void {
    entry.resend ||= anew;
    entry.keep = true;
    entry.keepSince = at;
    // What was tossed is wanted after all: every stream may have records that no part has.
    for (const stream of entry.streams) stream.fresh = true;
    entry.fresh = true;
    this.#settled.delete(entry);
    this.#arm(entry);
  }

  /** A capture wants what is there: copied out at once when it is at rest, so that a walk through the ring is as slow as it means to be. */
  take(entry: Entry, at: number): void {
    this.keep(entry, at, 'captured');
    if (!entry.fresh || entry.open > 0 || at < entry.lastAt + this.#port.limits.settleMs) return;
    if (this.#copy(entry, at)) this.#settled.add(entry);
  }

  /** Nothing is asked about it any more: what was held back when it went well may follow. */
  cleared(entry: Entry): void {
    if (entry.counted === 'tossed' && !entry.fresh) this.#port.wentWell(entry);
  }

  /** While it holds, kept transactions wait in the ring; they are looked at again soon after. */
  holdBack(hold: boolean): void {
    this.#held = hold;
    this.#losing.clear();
  }

  /** Copies out every kept transaction as it stands. */
  flush(): void {
    const now = this.#port.clock.now();
    const kept = Array.from(this.#port.registry.transactions.all()).filter(({ keep, fresh }) => keep && fresh);
    for (const entry of kept.toSorted((one, other) => one.number - other.number))
      if (entry.keep && entry.fresh) this.#copy(entry, now, true, true);
  }

  /** Copies out a kept transaction although it is not at rest, because age would take it. */
  rescue(entry: Entry): void {
    if (!this.#copy(entry, this.#port.clock.now(), true)) this.#lose(entry);
  }

  /** Nothing is looked at any more. */
  close(): void {
    this.#wheel.close();
  }

  /** The transaction that was settled longest ago; it leaves the list. */
  takeOldest(): Entry | undefined {
    return this.#settled.take();
  }

  /** It has gone into another one, which is counted in its place. */
  merged(from: Entry, into: Entry): void {
    this.forget(from);
    if (from.counted !== 'not') this[from.counted] -= 1;
    if (from.counted !== 'counted' && into.counted !== 'counted') return;
    // What the brake counted is a failure: with what it is now one with, it is looked at anew.
    const now = this.#port.clock.now();
    this.#port.brake.uncount(from, now);
    this.#uncount(into, now);
    if (!into.keep) into.keepSince = now;
    into.keep = true;
  }

  forget(entry: Entry): void {
    this.#losing.delete(entry);
    this.#settled.delete(entry);
  }

  #dueAt(entry: Entry): number {
    const quietAt = entry.open === 0 ? entry.lastAt + this.#port.limits.settleMs : Infinity;
    return entry.keep ? Math.min(quietAt, entry.keepSince + this.#port.limits.maxOpenMs) : quietAt;
  }

  #arm(entry: Entry): void {
    const due = this.#dueAt(entry);
    if (due >= entry.armedAt) return;
    entry.armedAt = due;
    this.#wheel.add(entry, due);
  }

  #look(entry: Entry, now: number): void {
    entry.armedAt = Infinity;
    if (entry.forgotten || !entry.fresh) return;
    if (now < this.#dueAt(entry)) return this.#arm(entry);
    if (entry.keep && this.#awaitsCallers(entry, now)) return this.#lookAgain(entry, now);
    if (!entry.keep) this.#toss(entry);
    else if (!this.#copy(entry, now)) return this.#lookAgain(entry, now);
    if (entry.open === 0) this.#settled.add(entry);
    this.#port.registry.sweep(entry);
  }

  #uncount(entry: Entry, at: number): void {
    this.#port.brake.uncount(entry, at);
    if (entry.counted !== 'counted') return;
    this.counted -= 1;
    entry.counted = 'not';
  }

  /** Not for longer than any other transaction stays open. */
  #awaitsCallers(entry: Entry, now: number): boolean {
    return now < entry.keepSince + this.#port.limits.maxOpenMs && this.#port.awaitsCallers(entry);
  }

  #lookAgain(entry: Entry, now: number): void {
    entry.armedAt = now + CALLERS_MS;
    this.#wheel.add(entry, entry.armedAt);
  }

  /** False: not now. `anyway`: there is no later. */
  #copy(entry: Entry, now: number, last = false, anyway = false): boolean {
    if (this.#port.brake.counts(entry, now)) {
      this.#countOnly(entry);
      return true;
    }
    if (this.#held && !anyway) return false;
    this.#port.copyOut(entry, last);
    this.#count(entry, 'kept');
    entry.keepSince = now;
    rest(entry);
    return true;
  }

  #lose(entry: Entry): void {
    if (this.#losing.has(entry)) return;
    this.#losing.add(entry);
    this.lostWhileHeld += 1;
  }

  #toss(entry: Entry): void {
    const { only } = entry.streams;
    if (only !== undefined) this.#port.holding.toss(only);
    else for (const stream of entry.streams) this.#port.holding.toss(stream);
    if (entry.counted !== 'counted') {
      this.#count(entry, 'tossed');
      if (entry.inspecting === 0) this.#port.wentWell(entry);
    }
    rest(entry);
  }

  /** From here on it is tossed like one that went well, until someone asks for it. */
  #countOnly(entry: Entry): void {
    entry.keep = false;
    entry.keepSince = 0;
    this.#count(entry, 'counted');
    this.#toss(entry);
  }

  #count(entry: Entry, as: 'kept' | 'tossed' | 'counted'): void {
    if (entry.counted === as || (entry.counted === 'counted' && entry.elsewhere)) return;
    if (entry.counted === 'tossed') this.tossed -= 1;
    entry.counted = as;
    this[as] += 1;
  }
}

/** It was copied out for a capture and has failed, or for another reason and a capture wants it: the keeper may have let go of what it had. */
function isAnew({ counted, purpose }: Entry, why: 'failed' | 'asked' | 'captured'): boolean {
  return counted === 'kept' && (why === 'captured' || purpose === 'capture');
}

function rest(entry: Entry): void {
  entry.fresh = false;
  const { only } = entry.streams;
  if (only !== undefined) only.fresh = false;
  else for (const stream of entry.streams) stream.fresh = false;
}
