/** The fingerprint of a recording with placements by what flows: of certain links alone, so that one bug has one, idle and under load. */
import type { Exchange } from '../domain/exchange.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';
import { rootOf } from '../domain/transaction.ts';
import type { Failure, Verdict } from '../domain/verdict.ts';
import { judgeTransaction } from '../verdict/origin.ts';

/** The verdict over the whole tree, with the fingerprint of the entry's own failure; of the origin's when the entry's own tree went well. */
export function judgeWhole(transaction: Transaction, judge: (exchange: Exchange) => Failure | undefined): Verdict {
  const verdict = judgeTransaction(transaction, judge);
  if (verdict.origin === undefined || transaction.links.every(({ flow }) => flow === undefined)) return verdict;
  const certain = { ...transaction, links: transaction.links.filter(({ flow }) => flow === undefined) };
  const roots = [transaction.entry, verdict.origin.exchange].filter((id) => id !== undefined);
  for (const root of roots.map((id) => rootOf(certain, id))) {
    const { fingerprint } = judgeTransaction(treeUnder(certain, root), judge);
    if (fingerprint !== undefined) return { ...verdict, fingerprint };
  }
  return verdict;
}

function treeUnder(transaction: Transaction, root: StreamId): Transaction {
  const exchanges = transaction.exchanges.filter(({ id }) => rootOf(transaction, id) === root);
  const own = new Set(exchanges.map(({ id }) => id));
  return { ...transaction, entry: root, exchanges, links: transaction.links.filter(({ child }) => own.has(child)) };
}
