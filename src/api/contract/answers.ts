/** What each operation answers with. The schemas of shapes.ts are held against these types. */
import type { ShownToken } from '../../domain/access.ts';
import type { Capture, CaptureId } from '../../domain/capture.ts';
import type { FingerprintSummary } from '../../domain/fingerprint.ts';
import type { LoopId } from '../../domain/ids.ts';
import type { LoopSummary } from '../../domain/loop.ts';
import type { LoopView } from '../../seal/view-schema.ts';
import type {
  AuditPage,
  ButtonAnswer,
  Comparison,
  Erasure,
  RedactionTest,
  RulesTest,
  SessionAnswer,
  TimelineEntry,
  Vitals,
} from './results.ts';

export interface Answers {
  readonly session: SessionAnswer;
  readonly signIn: SessionAnswer;
  readonly signOut: undefined;
  readonly listTokens: { readonly tokens: readonly ShownToken[] };
  /** `secret` is told this once. */
  readonly createToken: { readonly token: ShownToken; readonly secret: string };
  readonly revokeToken: undefined;
  readonly listLoops: { readonly loops: readonly LoopSummary[]; readonly next?: string };
  readonly showLoop: { readonly summary: LoopSummary; readonly view: LoopView };
  readonly resolveLoop: { readonly id: LoopId };
  readonly exemplarsOfLoop: { readonly loops: readonly LoopSummary[] };
  readonly compareLoops: Comparison;
  /** HTTP archive 1.2 (src/har). */
  readonly harOfLoop: { readonly log: object };
  readonly recordingOfLoop: Uint8Array;
  readonly originalBody: Uint8Array;
  readonly importLoop: LoopSummary;
  readonly deleteLoop: undefined;
  readonly testRedaction: RedactionTest;
  readonly testRules: RulesTest;
  readonly listFingerprints: { readonly fingerprints: readonly FingerprintSummary[] };
  readonly events: undefined;
  readonly vitals: Vitals;
  readonly listCaptures: { readonly captures: readonly Capture[] };
  readonly startCapture: Capture;
  readonly resolveCapture: { readonly id: CaptureId };
  readonly showCapture: { readonly capture: Capture; readonly loops: readonly LoopSummary[] };
  readonly stopCapture: Capture;
  /** How many loops went with it. */
  readonly deleteCapture: { readonly loops: number };
  readonly timeline: { readonly entries: readonly TimelineEntry[] };
  readonly pressButton: ButtonAnswer;
  readonly lookAtButton: ButtonAnswer;
  readonly releaseButton: ButtonAnswer;
  readonly audit: AuditPage;
  readonly erase: Erasure;
  /** A message of JSON-RPC. */
  readonly mcp: object;
  readonly openapi: object;
}
