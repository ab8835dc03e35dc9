import type { Header, TraceContext, Vantage } from '../domain/exchange.ts';
import type { TransactionKey } from '../domain/ids.ts';
import type { EndReason } from '../domain/segment.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';

/** What ingest puts in. All calls return at once and never throw; what cannot be held is shed and counted. */
export interface CaptureSink {
  /** A capturing call began. Returns its stream number. */
  opened(call: CapturedCall): number;
  /** `bytes` is one ProcessingRequest and only valid during the call; `scanned` tells where things lie in it. */
  message(stream: number, bytes: Uint8Array, scanned: ScannedMessage): void;
  ended(stream: number, reason: EndReason): void;
}

/** What the rest of the daemon asks of a recorder. */
export interface RecorderControl {
  /** Another sink, or a person, wants this transaction kept: copy out what is there and what still comes. */
  keep(transaction: TransactionKey): void;
  /** Copies out everything that is to be kept, quiet or not: the daemon is stopping. */
  flush(): void;
}

/** Who speaks, read from the call's metadata (`x-loop-service`, `-instance`, `-version`, `-direction`, `-protocol`). */
export interface CapturedCall {
  readonly metadata: readonly Header[];
  readonly vantage: Vantage;
  /** `http` for exchanges, else the conversation's protocol (`postgres`, …, `tcp`). */
  readonly protocol: string;
  /** Trace context of the call itself: present when Envoy's own tracer runs. */
  readonly trace?: TraceContext;
}
