import type { Attribution, Command, Conversation } from './conversation.ts';
import type { Exchange } from './exchange.ts';
import type { StreamId, TransactionKey } from './ids.ts';

/**
 * How sure a link in the tree is: by trace context and both vantages agreeing, by time and place alone within one context, or, where a service
 * does not pass context on, by the values that flow. Nothing behind a link of the last kind makes a transaction fail, or grades exact.
 */
export type LinkConfidence = 'context' | 'inferred' | 'flow';

/** What speaks for a placement by what flows. */
export interface Flow {
  /** Probability, 0.5..1. */
  readonly certainty: number;
  /** In words, without values: `order_id`, `answered right behind it`. */
  readonly evidence: readonly string[];
}

export interface Link {
  readonly parent: StreamId;
  readonly child: StreamId;
  readonly confidence: LinkConfidence;
  /** Of a link `flow`. */
  readonly flow?: Flow;
}

/** A command and the inbound exchange it was made for. */
export interface AttributedCommand {
  readonly command: Command;
  readonly exchange: StreamId;
  readonly attribution: Attribution;
  /** Of a candidate, when it is more than a guess. */
  readonly flow?: Flow;
}

/** Something that is known to be missing: a sentence for people, and where. */
export interface Hole {
  readonly where: StreamId | 'transaction';
  readonly what: string;
}

/** The tree of exchanges and commands under one entry exchange. */
export interface Transaction {
  readonly kind: 'transaction';
  readonly key: TransactionKey;
  /**
   * The exchange without a parent that began first. One trace may have several such roots (a batch, a client that tries again): a verdict
   * looks at the root above its origin. Undefined when nothing but conversations was captured.
   */
  readonly entry?: StreamId;
  /** By start time. */
  readonly exchanges: readonly Exchange[];
  readonly links: readonly Link[];
  readonly conversations: readonly Conversation[];
  /** By start time. */
  readonly commands: readonly AttributedCommand[];
  readonly holes: readonly Hole[];
}

/** Least certainty of the links by flow between an exchange and the top of its tree; undefined when there is none. */
export function flowAbove(transaction: Transaction, id: StreamId): Flow | undefined {
  const link = transaction.links.find((candidate) => candidate.child === id);
  if (link === undefined) return undefined;
  const above = flowAbove(transaction, link.parent);
  return above !== undefined && above.certainty <= (link.flow?.certainty ?? 1) ? above : link.flow;
}

export function exchangeById(transaction: Transaction, id: StreamId | undefined): Exchange | undefined {
  return transaction.exchanges.find((exchange) => exchange.id === id);
}

export function childrenOf(transaction: Transaction, id: StreamId): readonly Exchange[] {
  const children = new Set(transaction.links.filter((link) => link.parent === id).map((link) => link.child));
  return transaction.exchanges.filter((exchange) => children.has(exchange.id));
}

/** The exchange at the top of the tree this one hangs in. */
export function rootOf(transaction: Transaction, id: StreamId): StreamId {
  const parent = parentOf(transaction, id);
  return parent === undefined ? id : rootOf(transaction, parent.id);
}

export function parentOf(transaction: Transaction, id: StreamId): Exchange | undefined {
  return exchangeById(transaction, transaction.links.find((link) => link.child === id)?.parent);
}
