/** A trace may hold several transactions (a session, a batch): which tree each exchange stands in, and which records are of a tree. */
import type { StreamId } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';

/** The top of its tree, of every exchange. */
export function rootsOf({ exchanges, links }: Transaction): ReadonlyMap<StreamId, StreamId> {
  const parents = new Map(links.map(({ child, parent }) => [child, parent]));
  const roots = new Map<StreamId, StreamId>();
  for (const { id } of exchanges) {
    let top = id;
    for (let above = parents.get(top); above !== undefined; above = parents.get(top)) top = above;
    roots.set(id, top);
  }
  return roots;
}

/**
 * Streams of one tree: its exchanges with their attempts, and connections with commands that are, or may be, its own; connections that were
 * refused while one of its services was at work.
 */
export function streamsOf(
  transaction: Transaction,
  root: StreamId,
  roots: ReadonlyMap<StreamId, StreamId>,
): ReadonlySet<StreamId> {
  const own = transaction.exchanges.filter(({ id }) => roots.get(id) === root);
  const inTree = new Set(own.map(({ id }) => id));
  const commands = transaction.commands.filter(({ exchange }) => inTree.has(exchange));
  const refused = transaction.conversations.filter(
    ({ refused: how, vantage, startedAt }) =>
      how !== undefined &&
      own.some(
        (exchange) =>
          exchange.vantage.instance === vantage.instance &&
          exchange.startedAt <= startedAt &&
          startedAt <= exchange.endedAt,
      ),
  );
  return new Set([
    ...inTree,
    ...own.flatMap(({ attempts = [] }) => attempts.map(({ id }) => id)),
    ...commands.map(({ command }) => command.conversation),
    ...refused.map(({ id }) => id),
  ]);
}
