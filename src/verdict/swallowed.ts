/** Failures that count only unless swallowed: whether somebody above recovered, beyond doubt. */
import type { Exchange } from '../domain/exchange.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';
import { exchangeById, rootOf } from '../domain/transaction.ts';
import type { Failure } from '../domain/verdict.ts';

/** Failures that decide: all but those somebody recovered from. */
export function decisiveOf(
  transaction: Transaction,
  failures: ReadonlyMap<StreamId, Failure>,
): ReadonlyMap<StreamId, Failure> {
  const excused = (id: StreamId, failure: Failure) =>
    failure.unlessSwallowed === true && isRecovered(transaction, id, failures);
  return new Map([...failures].filter(([id, failure]) => !excused(id, failure)));
}

/**
 * Some exchange above it went well, and that is the last word: its answer is there, and the root's. A transaction of which a part is still
 * to come is not dropped, and neither is one that was put together by what flows.
 */
function isRecovered(transaction: Transaction, id: StreamId, failures: ReadonlyMap<StreamId, Failure>): boolean {
  let at = id;
  for (let left = transaction.links.length; left >= 0; left -= 1) {
    const link = transaction.links.find(({ child }) => child === at);
    if (link === undefined || link.flow !== undefined) return false;
    at = link.parent;
    if (!failures.has(at))
      return (
        isAnswered(exchangeById(transaction, at)) && isAnswered(exchangeById(transaction, rootOf(transaction, at)))
      );
  }
  return false;
}

function isAnswered(exchange: Exchange | undefined): boolean {
  return exchange?.response?.complete === true;
}
