/**
 * Transactions that are copied out because a rule asks for a command: an exchange that it may be about was open while a database answered its
 * instance with an error. Which command that was, and whose, the keeper finds; it drops what is none.
 */
import type { CompiledRule } from '../verdict/rules/set.ts';
import type { Entry } from './entry.ts';
import type { Instance } from './instances.ts';
import type { Stream } from './streams.ts';

export interface CommandLooksPort {
  /** Transactions in any second. */
  readonly perSecond: number;
  readonly keep: (entry: Entry, at: number) => void;
}

/** Since start. */
export interface CommandLookStats {
  readonly looked: number;
  /** More in their second than may be copied. */
  readonly left: number;
}

const SECOND_MS = 1000;
/** Envoy shows connections and exchanges side by side: an error may come so long after the answer that it went into. */
const LATE_MS = 250;
/** Exchanges that are over, and may still see one. */
const LATE = 1000;

export class CommandLooks {
  readonly #port: CommandLooksPort;
  readonly #left = new WeakSet<Entry>();
  /** That were over without an error, oldest first. */
  readonly #over: { readonly stream: Stream; readonly at: number }[] = [];
  #stats = { looked: 0, left: 0 };
  #second = { since: 0, count: 0 };

  constructor(port: CommandLooksPort) {
    this.#port = port;
  }

  /** An exchange is done, and only these rules may still make a failure of it. */
  consider(stream: Stream, suspects: readonly CompiledRule[], at: number): void {
    if (stream.vantage.direction !== 'inbound' || !suspects.some(isAsking)) return;
    if (stream.instance.errors > stream.errorsBefore) return this.#look(stream, at);
    this.#over.push({ stream, at });
    if (this.#over.length > LATE) this.#over.shift();
  }

  /** A database has answered the instance with an error. `askedAt`: when the connection was last asked something, Unix ms as `at`. */
  failed(instance: Instance, askedAt: number, at: number): void {
    while (this.#over[0] !== undefined && this.#over[0].at < at - LATE_MS) this.#over.shift();
    for (const over of this.#over)
      if (over.stream.instance === instance && askedAt <= over.at) this.#look(over.stream, at);
  }

  #look({ entry }: Stream, at: number): void {
    if (entry === undefined || entry.keep || entry.forgotten) return;
    if (this.#afford(at)) {
      this.#stats.looked += 1;
      this.#port.keep(entry, at);
    } else if (!this.#left.has(entry)) {
      this.#left.add(entry);
      this.#stats.left += 1;
    }
  }

  stats(): CommandLookStats {
    return { ...this.#stats };
  }

  #afford(at: number): boolean {
    if (at - this.#second.since >= SECOND_MS || at < this.#second.since) this.#second = { since: at, count: 0 };
    if (this.#second.count >= this.#port.perSecond) return false;
    this.#second.count += 1;
    return true;
  }
}

/** One that says `fine` makes no failure of what is none. */
function isAsking({ readsCommands, rule }: CompiledRule): boolean {
  return readsCommands && rule.consequence !== 'fine';
}
