/**
 * What went on when a deadline passed. The call whose deadline it was says so by itself; the calls under it may have been given more time, or
 * a little less, or none at all, and were left with it. The deepest of them is where the time was spent.
 */
import type { Exchange } from '../domain/exchange.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';
import { childrenOf } from '../domain/transaction.ts';
import type { Failure } from '../domain/verdict.ts';
import { hasRunOutOfTime, lastedMs, toleranceOf, wasLeft } from './deadline.ts';
import type { ExchangeFacts } from './facts.ts';
import { factsOf } from './facts.ts';
import { failedWithCaller } from './rules.ts';

export interface Overdue {
  /** Those that were given, and those that only the deadline above them explains. */
  readonly failures: ReadonlyMap<StreamId, Failure>;
  /** Exchanges that went on when a deadline passed, their own or one above them. */
  readonly late: ReadonlySet<StreamId>;
}

/** A call above whose deadline passed. */
interface Caller {
  readonly facts: ExchangeFacts;
  readonly failure: Failure;
  /** What goes on from here, Unix ms, went on when it passed. */
  readonly from: number;
}

export function withOverdue(transaction: Transaction, given: ReadonlyMap<StreamId, Failure>): Overdue {
  const failures = new Map(given);
  const late = new Set<StreamId>();
  for (const exchange of transaction.exchanges) {
    const failure = given.get(exchange.id);
    const facts = factsOf(exchange);
    if (failure === undefined || !hasRunOutOfTime(facts)) continue;
    late.add(exchange.id);
    const from = endOf(exchange, facts) - toleranceOf(facts.deadlineMs ?? 0);
    follow(transaction, exchange, { facts, failure, from }, failures, late);
  }
  return { failures, late };
}

function follow(
  transaction: Transaction,
  exchange: Exchange,
  caller: Caller,
  failures: Map<StreamId, Failure>,
  late: Set<StreamId>,
): void {
  for (const child of childrenOf(transaction, exchange.id)) {
    const facts = factsOf(child);
    if (late.has(child.id) || !wasLeft(facts) || endOf(child, facts) < caller.from) continue;
    late.add(child.id);
    if (!failures.has(child.id)) failures.set(child.id, causedBy(facts, caller));
    follow(transaction, child, caller, failures, late);
  }
}

/** It counts no more than what it explains. */
function causedBy(facts: ExchangeFacts, caller: Caller): Failure {
  const { unlessSwallowed } = caller.failure;
  return { ...failedWithCaller(facts, caller.facts), ...(unlessSwallowed && { unlessSwallowed }) };
}

function endOf({ startedAt, endedAt }: Exchange, facts: ExchangeFacts): number {
  const lasted = wasLeft(facts) ? lastedMs(facts) : undefined;
  return lasted === undefined ? endedAt : startedAt + lasted;
}
