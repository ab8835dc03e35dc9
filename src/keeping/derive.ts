/** What is known and shown of a recording, made from its records: in one way, whether loopd took them in or a person imported them. */
import { assemble } from '../assembly/transaction.ts';
import type { LoopId, TransactionKey } from '../domain/ids.ts';
import type { LoopSummary, RecordingPurpose } from '../domain/loop.ts';
import type { Hole, Transaction } from '../domain/transaction.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Redactor } from '../seal/redact.ts';
import { buildSummary } from '../seal/summary.ts';
import { buildView } from '../seal/view.ts';
import { judgeWhole } from './fingerprint.ts';
import { BUILT_IN, type RuleSet } from '../verdict/rules/set.ts';
import { judgeBy } from './judge.ts';
import { searchText, type SearchText } from './search-text.ts';
import type { Schema } from '../wire/protobuf/schema.ts';
import type { PartContent } from '../wire/segments/part.ts';
import { readRecords } from '../wire/segments/record.ts';

/** The last that is a date. Records are anybody's. */
const LAST_MOMENT = 8.64e15;

export interface Recorded {
  readonly id: LoopId;
  readonly purpose: RecordingPurpose;
  /** For `ambient` the service, for `exemplar` the route, else empty. */
  readonly subject: string;
  readonly transaction: TransactionKey;
  readonly parts: readonly PartContent[];
  /** Parts that this version cannot read: they are kept, and named as missing. */
  readonly unread?: number;
}

export interface Derived {
  readonly transaction: Transaction;
  readonly verdict: Verdict;
}

export interface Presented {
  readonly summary: LoopSummary;
  /** The redacted view, JSON text. */
  readonly view: string;
  /** By what it is found; as redacted as the view. */
  readonly search: readonly SearchText[];
}

/** `rules`: by default the built-in ones alone. */
export function derive({ transaction: key, parts, unread = 0 }: Recorded, rules: RuleSet = BUILT_IN): Derived {
  const assembled = assemble(key, parts);
  const newer: readonly Hole[] =
    unread === 0 ? [] : [{ where: 'transaction', what: `${unread} parts were written by a newer version` }];
  const transaction = { ...assembled, holes: [...newer, ...assembled.holes] };
  return { transaction, verdict: judgeWhole(transaction, judgeBy(rules, transaction.commands)) };
}

/** Nothing in it that `redact` has not seen. `schema`: what is known of messages of gRPC. */
export function present(
  recorded: Recorded,
  { transaction, verdict }: Derived,
  redact: Redactor,
  schema?: Schema,
): Presented {
  const { id, purpose, subject, parts } = recorded;
  const bytes = parts.reduce((sum, { records }) => sum + records.length, 0);
  const nothing = transaction.exchanges.length + transaction.conversations.length === 0;
  const facts = {
    id,
    purpose,
    bytes,
    ...(purpose === 'ambient' && { service: subject }),
    ...(nothing && { recordedAt: firstArrival(parts) }),
  };
  const view = buildView(id, transaction, verdict, redact, undefined, schema);
  return {
    summary: buildSummary(facts, transaction, verdict, redact),
    view: JSON.stringify(view),
    search: searchText(view),
  };
}

/** Unix ms. 0 when no record tells. */
function firstArrival(parts: readonly PartContent[]): number {
  const times = parts.flatMap(({ records }) => readRecords(records).segments.map(({ at }) => at));
  const told = times.filter((at) => at > 0 && at <= LAST_MOMENT);
  return told.reduce((first, at) => Math.min(first, at), told[0] ?? 0);
}
