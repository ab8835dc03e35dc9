/** Everything that is known when it is asked who made a call: the exchanges around it, what is certain of them, and what their service is known for. */
import { OUT_OF_ORDER_MS } from '../../domain/out-of-order.ts';
import type { Command } from '../../domain/conversation.ts';
import type { Exchange, Message } from '../../domain/exchange.ts';
import type { StreamId } from '../../domain/ids.ts';
import type { Link } from '../../domain/transaction.ts';
import { conversationProtocol } from '../../wire/protocols.ts';
import type { MutableValues, Values } from './value.ts';
import { addValue } from './value.ts';
import { valuesOfMessage } from './values.ts';

/** What a service did with the context it was given, as far as its recorder remembers: outbound exchanges made while an inbound one was open. */
export interface Propagation {
  readonly carried: number;
  readonly dropped: number;
}

export interface Known {
  readonly services: Readonly<Record<string, Propagation>>;
  /** Calls that their service is known to make by itself, while it serves nobody. */
  readonly lonely: ReadonlySet<StreamId>;
  /** Nothing was lost around here: who is not seen was not there. */
  readonly gapless: boolean;
}

export interface Scene {
  /** By start. */
  readonly exchanges: readonly Exchange[];
  /** Those that need no values. */
  readonly links: readonly Link[];
  readonly commands: readonly Command[];
  readonly known: Known;
}

/** Work that goes on behind the answer is still the request's for so long. */
const AFTERWARDS_MS = 2_000;

/** When the answer began: what a request is told later cannot have been waited for. */
export function answeredAt({ response, endedAt }: Exchange): number {
  return response?.startedAt ?? endedAt;
}

export function sameInstance({ vantage: one }: Exchange | Command, { vantage: other }: Exchange | Command): boolean {
  return one.service === other.service && one.instance === other.instance;
}

/** Inbound exchanges that may have made a call that began then at their instance. */
export function couldHaveMade(caller: Exchange, at: number): boolean {
  return caller.startedAt - OUT_OF_ORDER_MS <= at && at <= Math.max(answeredAt(caller), caller.endedAt) + AFTERWARDS_MS;
}

/** Values of each message, read once. */
export class Reading {
  readonly #asked = new Map<Exchange | Command, Values>();
  readonly #answered = new Map<Exchange | Command, Values>();

  asked(exchange: Exchange): Values {
    return once(this.#asked, exchange, () => valuesOf(exchange.request));
  }

  answered(exchange: Exchange): Values {
    return once(this.#answered, exchange, () => valuesOf(exchange.response));
  }

  askedBy(command: Command): Values {
    return once(this.#asked, command, () => named(conversationProtocol(command.protocol)?.asked?.(command)));
  }

  answeredTo(command: Command): Values {
    return once(this.#answered, command, () => named(conversationProtocol(command.protocol)?.answered?.(command)));
  }
}

const NO_VALUES: Values = new Map();

function valuesOf(message: Message | undefined): Values {
  return message === undefined ? NO_VALUES : valuesOfMessage(message);
}

function once<Key>(known: Map<Key, Values>, key: Key, read: () => Values): Values {
  const before = known.get(key);
  if (before !== undefined) return before;
  const values = read();
  known.set(key, values);
  return values;
}

function named(found: readonly { readonly name: string; readonly value: string }[] = []): Values {
  const values: MutableValues = new Map();
  for (const { name, value } of found) addValue(value, name, values);
  return values;
}
