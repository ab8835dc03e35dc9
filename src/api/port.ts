import type { Principal, ShownToken } from '../domain/access.ts';
import type { LoopId } from '../domain/ids.ts';
import type { Answers } from './contract/answers.ts';
import type { ReadInputOf } from './contract/inputs.ts';
import type {
  AuditPage,
  Comparison,
  Erasure,
  RedactionTest,
  RulesTest,
  TimelineEntry,
  Vitals,
} from './contract/results.ts';
import type { LoopSummary } from '../domain/loop.ts';
import type { FingerprintSummary } from '../domain/fingerprint.ts';
import type { FingerprintQuery } from '../../storage/fingerprints.ts';
import type { CaptureApi } from './captures.ts';
import type { RulesQuestion } from './rules-test.ts';
import type { ListPage, ListQuery } from '../../storage/port.ts';

/** Whoever asks, asks a LoopApi of their own: what they do not see, it does not find, and what they do is written down under their name. */
export type ApiFor = (principal: Principal) => LoopApi;

/**
 * What can be asked of a Loop installation: loopd answers it over HTTP, loopctl without a server answers itself. Every method rejects with
 * ApiError and nothing else; whether it is allowed at all is decided before (dispatch.ts).
 */
export interface LoopApi {
  readonly captures: CaptureApi;
  readonly tokens: TokenApi;
  list(query: ListQuery): Promise<ListPage>;
  /** What was counted of failures, kept or not, last seen first. */
  fingerprints(query: FingerprintQuery): Promise<readonly FingerprintSummary[]>;
  /** The one loop whose id starts so. `not-found`, or `ambiguous` naming some that do. */
  resolve(prefix: string): Promise<LoopId>;
  show(id: LoopId): Promise<ShownLoop>;
  /** A `.loop` file with its companions. `open`: with plain records, which needs permission and is audited; else sealed. */
  recording(id: LoopId, options: { readonly open: boolean }): Promise<Uint8Array>;
  /**
   * Takes a `.loop` file in. `refused` for one that is damaged, unsafe, or sealed under another store's key, and for one that shows a user who
   * was erased here after it was recorded, unless `restore` says that it may.
   */
  import(
    file: Uint8Array | AsyncIterable<Uint8Array>,
    options?: { readonly restore?: boolean | undefined },
  ): Promise<LoopSummary>;
  delete(id: LoopId): Promise<void>;
  /**
   * What redaction by these rules (the `redaction` section of loopd.yaml; undefined: the rules in force) would hide in a stored loop. Opens
   * the originals in memory, which needs permission and is audited; stores nothing. `invalid` for rules that cannot be used.
   */
  testRedaction(id: LoopId, rules: unknown): Promise<RedactionTest>;
  /** What these rules would say of what is stored. Opens originals in memory, which needs permission and is audited; stores nothing. */
  testRules(asked: RulesQuestion): Promise<RulesTest>;
  /** Good transactions of the routes of a loop. */
  exemplars(id: LoopId): Promise<readonly LoopSummary[]>;
  /** `exemplar`: the newest good transaction of its route; `not-found` without one. */
  compare(id: LoopId, other: LoopId | 'exemplar'): Promise<Comparison>;
  har(id: LoopId): Promise<Answers['harOfLoop']>;
  /** The bytes as they were. Opens originals, which is audited. */
  originalBody(id: LoopId, exchange: string, side: 'request' | 'response'): Promise<Uint8Array>;
  timeline(asked: ReadInputOf<'timeline'>): Promise<readonly TimelineEntry[]>;
  erase(asked: ReadInputOf<'erase'>): Promise<Erasure>;
  audit(asked: ReadInputOf<'audit'>): Promise<AuditPage>;
  vitals(): Promise<Vitals>;
}

export interface TokenApi {
  list(): Promise<readonly ShownToken[]>;
  /** The secret is told this once. */
  create(asked: ReadInputOf<'createToken'>): Promise<Answers['createToken']>;
  revoke(id: string): Promise<void>;
}

export interface ShownLoop {
  readonly summary: LoopSummary;
  /** The redacted view (src/seal/view.ts) as JSON text. */
  readonly view: string;
}
