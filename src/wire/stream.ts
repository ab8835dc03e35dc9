/**
 * What the two sides of a stream said, one message or mark after the other, whatever carries it: gRPC, a WebSocket, an event stream, a download.
 * Each protocol makes them of recorded bodies (`src/wire/<p>/exchange.ts`) and of what a replayed client sends.
 */
import type { Header } from '../domain/exchange.ts';

export type StreamSide = 'client' | 'server';

/**
 * - `message` of gRPC; `text`, `binary`, `ping`, `pong` of a WebSocket, a fragmented one as one; `event`, `comment` of an event stream; `data` of a download
 * - `raw`        bytes that are no message: half of one at the end, or whatever follows a fault
 * - `head`       headers of the answer, where they came before anything else of it
 * - `half-close` this side ended well and says nothing more (END_STREAM, the last chunk)
 * - `trailers`   the same, with trailers
 * - `close`      a WebSocket's close frame: its code and, as bytes, its reason
 * - `reset`      this side broke the stream off
 */
export type StreamKind =
  | 'head'
  | 'message'
  | 'text'
  | 'binary'
  | 'ping'
  | 'pong'
  | 'event'
  | 'comment'
  | 'data'
  | 'raw'
  | 'half-close'
  | 'trailers'
  | 'close'
  | 'reset';

export interface StreamMessage {
  readonly side: StreamSide;
  /** Unix ms at which its last byte had come. */
  readonly at: number;
  readonly kind: StreamKind;
  /** As the application wrote it: unmasked, joined, decompressed. Empty for marks without content. */
  readonly bytes: Uint8Array;
  /** As it was on the wire, framing included; absent for marks that have no bytes of their own. */
  readonly wire?: Uint8Array;
  /** Of `close` the close code, of `reset` the error code, of `trailers` the `grpc-status`; absent when nothing said it. */
  readonly code?: number;
  /** Of `head` and `trailers`; of `event` its fields but data (`id`, `event`, `retry`). */
  readonly headers?: readonly Header[];
  /** One line for people, without content: `message, 312 bytes`, `close 1001`. */
  readonly summary: string;
}

const ENDS: ReadonlySet<StreamKind> = new Set(['half-close', 'trailers', 'close', 'reset']);

/** Its side says nothing more behind it. */
export function endsSide({ kind }: Pick<StreamMessage, 'kind'>): boolean {
  return ENDS.has(kind);
}

/** Something the application said, and no mark or keep-alive. */
export function isContent(message: Pick<StreamMessage, 'kind'>): boolean {
  return message.kind !== 'head' && !endsSide(message) && !isKeepAlive(message);
}

/** Neither asked for nor read by the application: they come when they like, and nothing waits for them. */
export function isKeepAlive({ kind }: Pick<StreamMessage, 'kind'>): boolean {
  return kind === 'ping' || kind === 'pong' || kind === 'comment';
}

/** Both sides in the order they were said. Of two at the same time the client's comes first. */
export function mergeStream(
  client: readonly StreamMessage[],
  server: readonly StreamMessage[],
): readonly StreamMessage[] {
  return [...client, ...server].toSorted((one, other) => one.at - other.at);
}

/** `message, 312 bytes` */
export function sized(kind: StreamKind, bytes: number): string {
  return `${kind}, ${bytes} byte${bytes === 1 ? '' : 's'}`;
}
