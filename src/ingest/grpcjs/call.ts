import type { Http2Stream, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { EndReason } from '../../domain/segment.ts';
import type { CallCounters } from '../counters.ts';
import { MAX_UNREAD_REPLIES } from '../limits.ts';
import type { CallReceiver } from '../transport.ts';

export interface CallSurroundings {
  /** Of calls of its kind. */
  readonly counters: CallCounters;
  readonly refused: { oversized: number; unread: number; compressed: number };
  now(): number;
  /** The call is over, whatever the way. */
  left(call: GrpcCall): void;
}

/** One call between grpc-js and its receiver. Never pauses: `data` handlers return at once. Ends exactly once. */
export class GrpcCall {
  readonly #duplex: ServerDuplexStream<Buffer, Buffer>;
  readonly #stream: Http2Stream;
  readonly #receiver: CallReceiver;
  readonly #around: CallSurroundings;
  #lastMessageAt: number;
  #ended = false;

  constructor(
    duplex: ServerDuplexStream<Buffer, Buffer>,
    stream: ServerHttp2Stream,
    receiver: CallReceiver,
    around: CallSurroundings,
  ) {
    this.#duplex = duplex;
    this.#stream = stream;
    this.#receiver = receiver;
    this.#around = around;
    this.#lastMessageAt = around.now();
    duplex.on('data', (bytes: Buffer) => this.#message(bytes));
    // Envoy's ordinary end: END_STREAM, with RST_STREAM right behind it.
    duplex.on('end', () => this.end('closed'));
    duplex.on('cancelled', () => this.#cancelled());
    // Whatever breaks a stream also closes it, and that is told as `cancelled`.
    duplex.on('error', () => undefined);
  }

  /**
   * Ends it from here. Always with OK: to any other status Envoy answers its client with an error, unless its configuration says
   * failure_mode_allow, and then it counts a failure.
   */
  end(reason: EndReason): void {
    this.#finish(reason);
    this.#duplex.end();
  }

  /** Ends the call if it has been silent for `idleMs` and its receiver does not want it to live on. */
  sweep(idleMs: number): void {
    const now = this.#around.now();
    if (now - this.#lastMessageAt < idleMs) return;
    if (this.#receiver.mayIdle()) this.#lastMessageAt = now;
    else this.end('idle');
  }

  mayIdle(): boolean {
    return this.#receiver.mayIdle();
  }

  #message(bytes: Buffer): void {
    if (this.#ended) return;
    this.#lastMessageAt = this.#around.now();
    this.#around.counters.messages += 1;
    this.#around.counters.bytes += bytes.length;
    const reply = this.#receiver.message(bytes);
    if (reply === undefined) return;
    this.#duplex.write(Buffer.from(reply.buffer, reply.byteOffset, reply.length));
    if (this.#duplex.writableLength <= MAX_UNREAD_REPLIES) return;
    this.#around.refused.unread += 1;
    this.end('error');
  }

  #cancelled(): void {
    const refusal = this.#ended ? undefined : this.#refusal();
    if (refusal !== undefined) this.#around.refused[refusal] += 1;
    this.#finish(refusal === undefined ? 'cancelled' : 'error');
  }

  /** grpc-js ends a call itself for a message beyond the limit, or one it cannot unpack, and tells its handler only that it is over. */
  #refusal(): 'oversized' | 'compressed' | undefined {
    const sent = this.#stream.sentTrailers ?? this.#stream.sentHeaders;
    const said = Number(sent?.['grpc-status']);
    if (said === status.RESOURCE_EXHAUSTED) return 'oversized';
    return said === status.UNIMPLEMENTED ? 'compressed' : undefined;
  }

  #finish(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#around.counters.callsEnded[reason] += 1;
    this.#around.left(this);
    this.#receiver.ended(reason);
  }
}
