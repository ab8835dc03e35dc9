/** Where in a tree the failure began, and who only passed it on. */
import type { Exchange } from '../domain/exchange.ts';
import { statusOf } from '../domain/exchange.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';
import { childrenOf, parentOf, rootOf } from '../domain/transaction.ts';
import type { FailedExchange, Failure, Verdict } from '../domain/verdict.ts';
import { fingerprintOf } from './fingerprint.ts';

/** Judges a whole tree, given the judgement of one exchange (the rules). */
export function judgeTransaction(transaction: Transaction, judge: (exchange: Exchange) => Failure | undefined): Verdict {
  const failures = new Map<StreamId, Failure>();
  for (const exchange of transaction.exchanges) {
    const failure = judge(exchange);
    if (failure !== undefined) failures.set(exchange.id, failure);
  }
  if (failures.size === 0) return { decision: 'toss', failures: [], outcome: 'good' };

  const failed = [...failures].map(([exchange, failure]) => ({ ...failure, exchange, role: roleOf(transaction, exchange, failures) }));
  const origin = chooseOrigin(transaction, failed, failures);
  const reachedEntry = origin !== undefined && failures.has(rootOf(transaction, origin.exchange));
  return {
    decision: 'keep',
    failures: failed,
    ...(origin && { origin, fingerprint: fingerprintOf(transaction, origin) }),
    outcome: reachedEntry ? 'failed' : 'swallowed',
  };
}

type Failures = ReadonlyMap<StreamId, Failure>;

function roleOf(transaction: Transaction, exchange: StreamId, failures: Failures): FailedExchange['role'] {
  if (childrenOf(transaction, exchange).some((child) => failures.has(child.id))) return 'victim';
  const parent = parentOf(transaction, exchange);
  return parent !== undefined && !failures.has(parent.id) ? 'swallowed' : 'origin';
}

/** Of the deepest failures: the one that reached furthest up, then the one that came first. */
function chooseOrigin(transaction: Transaction, failed: readonly FailedExchange[], failures: Failures): FailedExchange | undefined {
  const deepest = failed.filter((failure) => failure.role !== 'victim');
  const endOf = (failure: FailedExchange) => transaction.exchanges.find((exchange) => exchange.id === failure.exchange)?.endedAt ?? 0;
  return deepest.toSorted(
    (one, other) => reach(transaction, other.exchange, failures) - reach(transaction, one.exchange, failures) || endOf(one) - endOf(other),
  )[0];
}

/** How many failed ancestors in a row carried it up; reaching a root counts above any number. */
function reach(transaction: Transaction, exchange: StreamId, failures: Failures): number {
  let length = 0;
  let current: StreamId | undefined = exchange;
  while (current !== undefined && failures.has(current) && length <= transaction.exchanges.length) {
    const parent = parentOf(transaction, current);
    if (parent === undefined) return Number.MAX_SAFE_INTEGER;
    length += 1;
    current = parent.id;
  }
  return length;
}

/**
 * The inbound exchange to send again: the one whose service produced the failure. An origin seen only from outside (an upstream without a
 * sidecar, or never reached) is replayed at its caller.
 */
export function triggerOf(transaction: Transaction, origin: FailedExchange): Exchange | undefined {
  const exchange = transaction.exchanges.find((candidate) => candidate.id === origin.exchange);
  return exchange?.vantage.direction === 'inbound' ? exchange : exchange && parentOf(transaction, exchange.id);
}

export function statusText(exchange: Exchange): string {
  const status = statusOf(exchange);
  return [status === undefined ? 'no answer' : String(status), ...exchange.flags].join(' ');
}
