import { exchangeById, flowAbove, type Transaction } from '../domain/transaction.ts';
import { methodOf, pathOf, statusOf } from '../domain/exchange.ts';
import type { LoopId, TransactionKey } from '../domain/ids.ts';
import { parseTransactionKey } from '../domain/ids.ts';
import type { LoopSummary, OriginSummary, RecordingPurpose } from '../domain/loop.ts';
import type { FailedExchange, Verdict } from '../domain/verdict.ts';
import type { Redactor } from './redact.ts';

export interface SummaryFacts {
  readonly id: LoopId;
  readonly purpose: RecordingPurpose;
  /** Bytes of raw segments. */
  readonly bytes: number;
  /** Named instead of the entry's service when no exchange was captured: the subject of an ambient profile. */
  readonly service?: string;
  /** When its first record came, Unix ms: told where nothing of it can be placed. */
  readonly recordedAt?: number;
}

/** What lists show of a transaction. Text that came over the wire passes the redactor. */
export function buildSummary(
  facts: SummaryFacts,
  transaction: Transaction,
  verdict: Verdict,
  redact: Redactor,
): LoopSummary {
  const { exchanges, commands, conversations } = transaction;
  const entry = exchangeById(transaction, transaction.entry);
  const status = entry && statusOf(entry);
  const times = [...exchanges, ...conversations];
  const [first = facts.recordedAt ?? 0, ...others] = times.map((one) => one.startedAt);
  const startedAt = entry?.startedAt ?? Math.min(first, ...others);
  const endedAt = entry?.endedAt ?? Math.max(...times.map((one) => one.endedAt), startedAt);
  const vantages = [...exchanges, ...conversations].map((one) => one.vantage);
  const services = new Set(vantages.map(({ service }) => service));
  const versions = new Set(vantages.flatMap(({ service, version }) => (version ? [`${service}@${version}`] : [])));
  return {
    id: facts.id,
    purpose: facts.purpose,
    transaction: shownKey(transaction.key, redact),
    startedAt,
    durationMs: Math.max(0, endedAt - startedAt),
    service: entry?.vantage.service ?? facts.service ?? conversations[0]?.vantage.service ?? '?',
    method: entry ? redact.text(methodOf(entry)) : '?',
    path: entry ? redact.text(pathOf(entry)) : '?',
    ...(status === undefined || !Number.isInteger(status) ? {} : { status }),
    outcome: verdict.outcome,
    ...(verdict.origin === undefined ? {} : { origin: summariseOrigin(verdict.origin, transaction, redact) }),
    ...(verdict.fingerprint === undefined ? {} : { fingerprint: verdict.fingerprint }),
    services: [...services].toSorted(),
    ...(versions.size > 0 && { versions: [...versions].toSorted() }),
    exchanges: exchanges.length,
    commands: commands.length,
    bytes: facts.bytes,
    holes: transaction.holes.map((hole) => redact.text(hole.what)),
  };
}

function summariseOrigin(origin: FailedExchange, transaction: Transaction, redact: Redactor): OriginSummary {
  const exchange = exchangeById(transaction, origin.exchange);
  const flow = flowAbove(transaction, origin.exchange);
  return {
    service: exchange?.vantage.service ?? '?',
    exchange: origin.exchange,
    kind: origin.kind,
    summary: redact.text(origin.summary),
    ...(flow && { certainty: flow.certainty }),
  };
}

/** A client may send anything as its request id, a secret too. */
export function shownKey(key: TransactionKey, redact: Redactor): TransactionKey {
  return parseTransactionKey(redact.text(key)) ?? key;
}
