import type { Header, TraceContext, Vantage } from '../domain/exchange.ts';
import type { TransactionKey } from '../domain/ids.ts';
import type { EndReason } from '../domain/segment.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import type { BrakeOrder } from './brake.ts';
import type { ElsewhereOrder } from './elsewhere-order.ts';
import type { CaptureOrder, WalkOrder } from './capture-order.ts';
import type { ScannedEntry } from '../wire/accesslog/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import type { InspectionAnswer } from './inspection.ts';

/** What ingest puts in. All calls return at once and never throw; what cannot be held is shed and counted. */
export interface CaptureSink {
  /** A capturing call began. Returns its stream number. */
  opened(call: CapturedCall): number;
  /** `bytes` is one ProcessingRequest and only valid during the call; `scanned` tells where things lie in it. */
  message(stream: number, bytes: Uint8Array, scanned: ScannedMessage): void;
  ended(stream: number, reason: EndReason): void;
  /**
   * An entry of an Envoy's access log, apart from any call above: the recorder finds out which exchange it is of. `bytes` is one
   * HTTPAccessLogEntry and only valid during the call. Returns the instance of that exchange when it was found at once.
   */
  log(source: LogSource, bytes: Uint8Array, scanned: ScannedEntry): string | undefined;
}

/** What the rest of the daemon asks of a recorder. */
export interface RecorderControl {
  /** Another sink, or a person, wants this transaction kept: copy out what is there and what still comes. */
  keep(transaction: TransactionKey): void;
  /** Another recorder's transaction was kept, or showed a request id to be of no use. */
  elsewhere(order: ElsewhereOrder): void;
  /** Another recorder hears these instances (Instance.key) too. */
  split(instances: readonly string[]): void;
  /** The keeper keeps no more of what fails so, for now. */
  brake(order: BrakeOrder): void;
  /** Judges by these rules what begins from now on. */
  rules(set: RuleSet): void;
  /** Which captures run, and what is to be looked for in the ring. */
  captures(order: CaptureOrder | WalkOrder): void;
  /** What was found in the bodies of an exchange that was handed out to be read. */
  inspected(answer: InspectionAnswer): void;
  /** Copies out everything that is to be kept, quiet or not: the daemon is stopping. */
  flush(): void;
}

/** Who speaks, read from the call's metadata (`x-loop-service`, `-instance`, `-version`, `-direction`, `-protocol`, `-role`). */
export interface CapturedCall {
  readonly metadata: readonly Header[];
  /** The metadata as encodeHeaders writes it, where that was done before: shared bytes, not to be written to. */
  readonly encoded?: Uint8Array;
  readonly vantage: Vantage;
  /** `http` for exchanges, else the conversation's protocol (`postgres`, …, `tcp`). */
  readonly protocol: string;
  /** One try of the router to have an outbound exchange answered: it is judged and counted nowhere. */
  readonly attempt?: true;
  /** Trace context of the call itself: present when Envoy's own tracer runs. */
  readonly trace?: TraceContext;
}

/** Whose access log speaks. */
export interface LogSource {
  readonly vantage: Vantage;
  /** False: the instance is a guess. Envoy fills in no `%HOSTNAME%` in the metadata of this call, as it does for exchanges. */
  readonly certain: boolean;
  /** As of the exchanges it logs. */
  readonly protocol: string;
}
