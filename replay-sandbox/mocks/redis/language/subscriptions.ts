import type { Backend } from '../../../../src/wire/redis/backend.ts';
import type { Held, SubscriptionKind } from '../../../../src/wire/redis/held.ts';
import type { Question } from '../../../match/redis/recorded.ts';
import { bulk, integer } from '../handshake.ts';
import type { PushKind } from './heard.ts';

const KINDS: Readonly<Record<string, SubscriptionKind>> = { P: 'pattern', S: 'shard' };
const HEARD: Readonly<Record<Exclude<PushKind, 'invalidate'>, SubscriptionKind>> = {
  message: 'channel',
  pmessage: 'pattern',
  smessage: 'shard',
};

/** What one connection is subscribed to, and the confirmations of its changes. */
export class Subscriptions {
  readonly #held: Held;

  constructor(held: Held) {
    this.#held = held;
  }

  has(kind: Exclude<PushKind, 'invalidate'>, name: string): boolean {
    return this.#held.has(HEARD[kind], Buffer.from(name, 'latin1'));
  }

  /** One confirmation for each name; for none, one for each that is held, and one without a name when there is none. */
  change({ name: command, args }: Question): readonly Backend[] {
    const kind = kindOf(command);
    const off = command.includes('UNSUBSCRIBE');
    const named = args.slice(1);
    const all = this.#held.subscriptions.filter((one) => one.kind === kind).map(({ name }) => name);
    const names = named.length > 0 || !off ? named : all;
    if (names.length === 0) return [this.#confirmation(command, kind, undefined)];
    return names.map((name) => {
      this.#held.confirmed(kind, off ? 'off' : 'on', name);
      return this.#confirmation(command, kind, name);
    });
  }

  #confirmation(command: string, kind: SubscriptionKind, name: Uint8Array | undefined): Backend {
    const count =
      kind === 'shard' ? this.#held.count('shard') : this.#held.count('channel') + this.#held.count('pattern');
    const named: Backend = name === undefined ? { kind: 'null', of: 'bulk' } : bulk(name);
    return { kind: 'push', items: [bulk(command.toLowerCase()), named, integer(count)] };
  }
}

function kindOf(command: string): SubscriptionKind {
  return /^[PS](?:UN)?SUBSCRIBE$/.test(command) ? (KINDS[command.slice(0, 1)] ?? 'channel') : 'channel';
}
