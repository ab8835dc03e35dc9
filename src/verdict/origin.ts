/** Where in a tree the failure began, and who only passed it on. */
import type { Exchange } from '../domain/exchange.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';
import { childrenOf, parentOf, rootOf } from '../domain/transaction.ts';
import type { FailedExchange, Failure, Verdict } from '../domain/verdict.ts';
import type { Overdue } from './overdue.ts';
import { withOverdue } from './overdue.ts';
import { decisiveOf } from './swallowed.ts';
import { fingerprintOf } from './fingerprint.ts';

/** Judges a whole tree, given the judgement of one exchange (the rules). */
export function judgeTransaction(
  transaction: Transaction,
  judge: (exchange: Exchange) => Failure | undefined,
): Verdict {
  const alone = new Map<StreamId, Failure>();
  for (const exchange of transaction.exchanges) {
    const failure = judge(exchange);
    if (failure !== undefined) alone.set(exchange.id, failure);
  }
  const { failures, late } = withOverdue(transaction, alone);
  if (failures.size === 0) return { decision: 'toss', failures: [], outcome: 'good' };

  const failed = [...failures].map(([exchange, failure]) => ({
    ...failure,
    exchange,
    role: roleOf(transaction, exchange, failures),
  }));
  const decisive = decisiveOf(transaction, failures);
  const kept = decisive.size > 0;
  const origin = chooseOrigin(transaction, failed, { failures, late, decisive: kept ? decisive : failures });
  const reachedEntry = origin !== undefined && failures.has(rootOf(transaction, origin.exchange));
  return {
    decision: kept ? 'keep' : 'toss',
    failures: failed,
    ...(origin && { origin, fingerprint: fingerprintOf(transaction, origin) }),
    outcome: reachedEntry ? 'failed' : 'swallowed',
  };
}

type Failures = ReadonlyMap<StreamId, Failure>;

interface Causes extends Overdue {
  readonly decisive: Failures;
}

function roleOf(transaction: Transaction, exchange: StreamId, failures: Failures): FailedExchange['role'] {
  if (childrenOf(transaction, exchange).some((child) => failures.has(child.id))) return 'victim';
  const parent = parentOf(transaction, exchange);
  return parent !== undefined && !failures.has(parent.id) ? 'swallowed' : 'origin';
}

/** From the failure that was seen furthest up, of those that decide, down through what caused it. */
function chooseOrigin(
  transaction: Transaction,
  failed: readonly FailedExchange[],
  causes: Causes,
): FailedExchange | undefined {
  const { decisive } = causes;
  const seen = transaction.exchanges.filter((exchange) => decisive.has(exchange.id));
  const tops = seen.filter((exchange) => isTop(transaction, exchange, decisive));
  const top = tops.find((exchange) => parentOf(transaction, exchange.id) === undefined) ?? tops[0];
  const origin = top && deepestCause(transaction, top, causes);
  return failed.find((failure) => failure.exchange === origin?.id);
}

function isTop(transaction: Transaction, exchange: Exchange, failures: Failures): boolean {
  const parent = parentOf(transaction, exchange.id);
  return parent === undefined || !failures.has(parent.id);
}

function deepestCause(transaction: Transaction, exchange: Exchange, causes: Causes): Exchange {
  const failed = childrenOf(transaction, exchange.id).filter((child) => causes.failures.has(child.id));
  const cause = causeOf(exchange, failed, causes.late);
  return cause === undefined ? exchange : deepestCause(transaction, cause, causes);
}

/**
 * Code that gives up does so at the failure it cannot handle: of several failed calls the last that had failed before the answer began.
 * Earlier ones were survived, later ones came too late. Where time ran out it was waiting for what went on until then.
 */
function causeOf(exchange: Exchange, causes: readonly Exchange[], late: ReadonlySet<StreamId>): Exchange | undefined {
  const awaited = late.has(exchange.id) ? causes.filter(({ id }) => late.has(id)) : [];
  if (awaited.length > 0) return lastOf(awaited);
  const answered = exchange.response?.startedAt ?? exchange.endedAt;
  return lastOf(causes.filter((cause) => cause.endedAt <= answered)) ?? causes[0];
}

function lastOf(exchanges: readonly Exchange[]): Exchange | undefined {
  return exchanges.toSorted((one, other) => other.endedAt - one.endedAt)[0];
}

/**
 * The inbound exchange to send again: the one whose service produced the failure. An origin seen only from outside (an upstream without a
 * sidecar, or never reached) is replayed at its caller.
 */
export function triggerOf(transaction: Transaction, origin: FailedExchange): Exchange | undefined {
  const exchange = transaction.exchanges.find((candidate) => candidate.id === origin.exchange);
  return exchange?.vantage.direction === 'inbound' ? exchange : exchange && parentOf(transaction, exchange.id);
}
