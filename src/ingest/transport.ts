import type { Header } from '../domain/exchange.ts';
import type { EndReason } from '../domain/segment.ts';

/**
 * What carries Envoy's ext_proc calls and its access log to the recorder. A transport frames and flow-controls; it knows nothing of messages.
 * It always drains: handlers return at once and never ask it to wait, because Envoy stops reading live traffic behind a slow sink.
 */
export interface Transport {
  /** Starts listening; resolves with the address really bound. Rejects with IngestError `listen-failed`. */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /** What health checks are told from now on; true at first. A sidecar bypasses a sink that says no, and ends its calls. */
  serving(is: boolean): void;
  /**
   * Takes no new connections and asks peers to begin no more calls. Calls that may not idle have `ms` milliseconds to end, then all that are
   * left are ended with `shutdown`: resolves then. Connections stay open, and health checks are answered, until `close`.
   */
  drain(ms: number): Promise<void>;
  /** Stops accepting, ends open calls with `shutdown`, resolves when all sockets are closed. Idempotent. */
  close(): Promise<void>;
}

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles }
  | { readonly kind: 'unix'; readonly path: string };

/** Paths of PEM files. They are read again when they change. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Authorities; with it only a peer that shows a certificate of theirs may speak. */
  readonly clientCa?: string;
}

export type CreateTransport = (accept: AcceptCall, limits: TransportLimits) => Transport;

/** `exchange`: ext_proc's, one exchange or connection each. `log`: an access logger's, one per Envoy worker and listener. */
export type CallKind = 'exchange' | 'log';

/** Called once per call, before its first message. */
export type AcceptCall = (kind: CallKind, metadata: readonly Header[], connection: number) => CallReceiver;

export interface CallReceiver {
  /**
   * One ProcessingRequest or StreamAccessLogsMessage. The bytes are only valid during the call. Returns the bytes of the
   * ProcessingResponse to send at once, or undefined: in observability mode, and always to an access logger.
   */
  message(bytes: Uint8Array): Uint8Array | undefined;
  /**
   * Asked when the call was idle for `idleMs`: true lets it live on. Envoy does not record a stream again whose call the sink has ended,
   * so a pooled database connection, an upgrade or an event stream must never be ended for idleness.
   */
  mayIdle(): boolean;
  /** The call is over; nothing follows. */
  ended(reason: EndReason): void;
}

export interface TransportLimits {
  /** Largest message in bytes; a larger one ends its call alone. */
  readonly messageBytes: number;
  /** A call without any message for so long is ended with `idle`, unless its receiver lets it. Milliseconds. */
  readonly idleMs: number;
  /** Memory of messages that are not whole yet, of all calls together, bytes: beyond it the calls that hold most are ended. */
  readonly unfinishedBytes: number;
  /** Open at once; more are closed. grpc-js has no such limit. */
  readonly connections: number;
}
