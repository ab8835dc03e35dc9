/** What a connection holds on the server besides its transaction: version of the protocol, database, name, subscriptions, tracking. */
import type { RespVersion } from './backend.ts';
import { encodeFrontend, nameOf, wordOf } from './frontend.ts';

export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

export interface Subscription {
  readonly kind: SubscriptionKind;
  readonly name: Uint8Array;
}

const KINDS: readonly SubscriptionKind[] = ['channel', 'pattern', 'shard'];

/** Longer than any HELLO answers: seven fields, and a line per module. */
const HELLO_BYTES = 4_096;
const SETTING_BYTES = 4_096;

/** Commands whose success changes what is held. */
export const LEARNT: ReadonlySet<string> = new Set([
  'HELLO',
  'SELECT',
  'RESET',
  'MONITOR',
  'READONLY',
  'READWRITE',
  'CLIENT SETNAME',
  'CLIENT TRACKING',
  'CLIENT NO-EVICT',
  'CLIENT NO-TOUCH',
]);

export class Held {
  readonly #limit: number;
  /** Names in latin1, oldest first. */
  readonly #names: Readonly<Record<SubscriptionKind, Set<string>>> = {
    channel: new Set(),
    pattern: new Set(),
    shard: new Set(),
  };
  /** Names that found no room. */
  readonly #forgotten: Record<SubscriptionKind, number> = { channel: 0, pattern: 0, shard: 0 };
  /** Commands that set something else of the connection, by name: the latest of each. */
  readonly #settings = new Map<string, Uint8Array>();
  #bytes = 0;
  version: RespVersion = 2;
  database = 0;
  /** The whole answer to HELLO, when it was one. */
  hello: Uint8Array | undefined;
  monitoring = false;

  /** Holds at most so many bytes of names; beyond it the oldest are forgotten, and counted. */
  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  /** Of all kinds. */
  get subscribed(): number {
    return KINDS.reduce((sum, kind) => sum + this.count(kind), 0);
  }

  count(kind: SubscriptionKind): number {
    return this.#names[kind].size + this.#forgotten[kind];
  }

  /** Oldest first, within a kind. */
  get subscriptions(): readonly Subscription[] {
    return KINDS.flatMap((kind) => [...this.#names[kind]].map((name) => ({ kind, name: Buffer.from(name, 'latin1') })));
  }

  has(kind: SubscriptionKind, name: Uint8Array): boolean {
    return this.#names[kind].has(Buffer.from(name).toString('latin1'));
  }

  /** `CLIENT SETNAME`, `CLIENT TRACKING`, `READONLY` and such, as commands; never one with a password. */
  get settings(): readonly Uint8Array[] {
    return [...this.#settings.values()];
  }

  /** The server said that this name is subscribed to, or no longer; none was held when it names none. */
  confirmed(kind: SubscriptionKind, change: 'on' | 'off', name: Uint8Array | undefined): void {
    const text = Buffer.from(name ?? []).toString('latin1');
    const names = this.#names[kind];
    if (change === 'off') {
      if (names.delete(text)) this.#bytes -= text.length;
      else if (this.#forgotten[kind] > 0) this.#forgotten[kind]--;
      return;
    }
    if (names.has(text)) return;
    names.add(text);
    this.#bytes += text.length;
    this.#shrink();
  }

  /** The server agreed to one of `LEARNT`. `answer` is the reply, where it is whole. */
  learnt(args: readonly Uint8Array[], answer: Uint8Array | undefined): void {
    switch (nameOf({ args })) {
      case 'HELLO':
        return this.#hello(args, answer);
      case 'SELECT':
        this.database = Number(wordOf(args[1])) || 0;
        return;
      case 'RESET':
        return this.reset();
      case 'MONITOR':
        this.monitoring = true;
        return;
      default:
        return this.#setting(args);
    }
  }

  reset(): void {
    for (const kind of KINDS) {
      this.#names[kind].clear();
      this.#forgotten[kind] = 0;
    }
    this.#bytes = 0;
    this.#settings.clear();
    this.version = 2;
    this.database = 0;
    this.hello = undefined;
    this.monitoring = false;
  }

  #hello(args: readonly Uint8Array[], answer: Uint8Array | undefined): void {
    const asked = wordOf(args[1]);
    if (asked === '2' || asked === '3') this.version = asked === '3' ? 3 : 2;
    this.hello = answer !== undefined && answer.length <= HELLO_BYTES ? new Uint8Array(answer) : undefined;
    const named = args.findIndex((arg, at) => at > 1 && wordOf(arg) === 'SETNAME');
    const name = args[named + 1];
    if (named !== -1 && name !== undefined) this.#setting([Buffer.from('CLIENT'), Buffer.from('SETNAME'), name]);
  }

  #setting(args: readonly Uint8Array[]): void {
    const name = wordOf(args[0]);
    const bytes = encodeFrontend({ args });
    const key = name === 'CLIENT' ? `CLIENT ${wordOf(args[1])}` : 'READONLY';
    this.#settings.delete(key);
    if (name !== 'READWRITE' && bytes.length <= SETTING_BYTES) this.#settings.set(key, bytes);
  }

  #shrink(): void {
    for (const kind of KINDS) {
      for (const name of this.#names[kind]) {
        if (this.#bytes <= this.#limit) return;
        this.#names[kind].delete(name);
        this.#forgotten[kind]++;
        this.#bytes -= name.length;
      }
    }
  }
}
