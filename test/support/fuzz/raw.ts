/** A connection to the sink on which anything can be said. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ListenAddress } from '../../../src/ingest/transport.ts';
import { PROCESS, grpcFrame } from '../extproc-client.ts';
import { dataFrames, headersFrames, PREFACE } from '../http2-frames.ts';

/** Of one write: frames are small, system calls are not. Bytes. */
const BATCH = 64 * 1024;

/** A sink that takes nothing for so long has stopped reading. */
const UNREAD_MS = 20_000;

export const CALL = {
  ':method': 'POST',
  ':scheme': 'http',
  ':path': PROCESS,
  ':authority': 'sink',
  'content-type': 'application/grpc',
  te: 'trailers',
  'x-loop-service': 'attacker',
  'x-loop-instance': 'attacker-1',
  'x-loop-direction': 'inbound',
};

export class RawConnection implements AsyncDisposable {
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  #bytes = 0;

  constructor(address: ListenAddress) {
    this.socket = address.kind === 'tcp' ? connect(address.port, address.host) : connect(address.path);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => (this.#bytes += chunk.length));
    // Not events.once: the peer may well break the connection, and that is no error here.
    this.#closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  get closed(): boolean {
    return this.socket.destroyed;
  }

  /** Bytes the sink has said. */
  get heard(): number {
    return this.#bytes;
  }

  /** The connection preface, then these frames, as fast as the sink takes them; stops when it hangs up. */
  async speak(...frames: readonly Iterable<Uint8Array>[]): Promise<void> {
    await this.pour([PREFACE]);
    for (const some of frames) await this.pour(some);
  }

  async pour(frames: Iterable<Uint8Array>): Promise<void> {
    let waiting: Uint8Array[] = [];
    let size = 0;
    for (const frame of frames) {
      waiting.push(frame);
      size += frame.length;
      if (size < BATCH) continue;
      if (!(await this.#write(Buffer.concat(waiting)))) return;
      waiting = [];
      size = 0;
    }
    if (size > 0) await this.#write(Buffer.concat(waiting));
  }

  /** Until the sink has hung up, or `ms` have passed. */
  async ended(ms: number): Promise<'hung up' | 'open'> {
    const late = new Promise<'open'>((resolve) => void setTimeout(resolve, ms, 'open').unref());
    return Promise.race([this.#closed.then(() => 'hung up' as const), late]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.#closed;
  }

  /** False when nothing more is taken: the sink has hung up, or has stopped reading. */
  async #write(bytes: Uint8Array): Promise<boolean> {
    if (this.closed) return false;
    if (this.socket.write(bytes)) return true;
    const over = new AbortController();
    const drained = once(this.socket, 'drain', { signal: over.signal }).then(
      () => true,
      () => false,
    );
    const late = delay(UNREAD_MS, false, { signal: over.signal }).catch(() => false);
    const taken = await Promise.race([drained, late, this.#closed.then(() => false)]);
    over.abort();
    return taken && !this.closed;
  }
}

/** The frames of one call that is not ended. */
export function* call(
  stream: number,
  messages: readonly Uint8Array[],
  metadata: Readonly<Record<string, string>> = {},
) {
  yield* headersFrames(stream, { ...CALL, ...metadata });
  for (const message of messages) yield* dataFrames(stream, grpcFrame(message));
}

/** Stream numbers of a client, so many. */
export function streams(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => 2 * index + 1);
}
