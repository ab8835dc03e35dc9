import type { Attribution, Command, Conversation } from './conversation.ts';
import type { Exchange } from './exchange.ts';
import type { StreamId, TransactionKey } from './ids.ts';

/** How sure a link in the tree is: by trace context and both vantages agreeing, or by time and place alone. */
export type LinkConfidence = 'context' | 'inferred';

export interface Link {
  readonly parent: StreamId;
  readonly child: StreamId;
  readonly confidence: LinkConfidence;
}

/** A command and the inbound exchange it was made for. */
export interface AttributedCommand {
  readonly command: Command;
  readonly exchange: StreamId;
  readonly attribution: Attribution;
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
