import type {
  AuditPage,
  Comparison,
  Erasure,
  SessionAnswer,
  TimelineEntry,
  TokenAnswer,
  Vitals,
} from '../../../src/api/contract/results.ts';
import type { Operation } from '../../../src/api/contract/endpoints.ts';
import type { FingerprintSummary } from '../../../src/domain/fingerprint.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import type { LoopView } from '../../../src/seal/view-schema.ts';

/** What each question that the page asks is answered with. */
export interface Answers extends Partial<Record<Operation, unknown>> {
  readonly session: SessionAnswer;
  readonly signIn: SessionAnswer;
  readonly listTokens: { readonly tokens: readonly TokenAnswer[] };
  readonly listLoops: { readonly loops: readonly LoopSummary[]; readonly next?: string };
  readonly showLoop: { readonly summary: LoopSummary; readonly view: LoopView };
  readonly exemplarsOfLoop: { readonly loops: readonly LoopSummary[] };
  readonly compareLoops: Comparison;
  readonly listFingerprints: { readonly fingerprints: readonly FingerprintSummary[] };
  readonly vitals: Vitals;
  readonly timeline: { readonly entries: readonly TimelineEntry[] };
  readonly audit: AuditPage;
  readonly erase: Erasure;
}

export type AnswerOf<Op extends Operation> = Op extends keyof Answers ? Answers[Op] : unknown;
