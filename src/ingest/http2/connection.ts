import type { Socket } from 'node:net';
import type { Header } from '../../domain/exchange.ts';
import { Http2Connection } from '../../wire/http2/connection.ts';
import type { Http2Events, StreamEvents } from '../../wire/http2/connection.ts';
import type { Http2Limits } from '../../wire/http2/limits.ts';
import { CLOSE_GRACE_MS, FULL_BYTES, HTTP2, MAX_UNREAD_BYTES, SETTLE_MS } from '../limits.ts';
import type { Pace, TransportSurroundings } from '../surroundings.ts';
import type { ChunkReader } from '../inbox.ts';
import type { AcceptCall, CallKind } from '../transport.ts';
import type { CallBooks, CallHost, Settling } from './call.ts';
import { Http2Call } from './call.ts';
import { CallList } from './call-list.ts';
import { HealthCall } from './health-call.ts';
import { TRAILERS_ONLY, UNSUPPORTED_TYPE } from './heads.ts';
import { Routes } from './routes.ts';
import { letGo } from './spent.ts';

/** What all connections of a transport share. */
export interface Shared {
  readonly accept: AcceptCall;
  readonly around: TransportSurroundings;
  readonly books: Readonly<Record<CallKind, CallBooks>>;
  /** What health checks are told. */
  serving(): boolean;
  /** Calls that begin now are ended at once. */
  over(): boolean;
  left(connection: Connection): void;
}

const LIMITS: Http2Limits = {
  openStreams: HTTP2.maxConcurrentStreams,
  streamWindow: HTTP2.streamWindowBytes,
  connectionWindow: HTTP2.connectionWindowBytes,
  frameBytes: HTTP2.frameBytes,
  headerListBytes: HTTP2.headerListBytes,
  outputBytes: MAX_UNREAD_BYTES,
};

/** One sidecar's connection: its socket, HTTP/2 on it, and the calls inside. What breaks here breaks this connection alone. */
export class Connection implements Http2Events, CallHost, ChunkReader {
  readonly peer: Http2Connection;
  now: number;
  readonly #socket: Socket;
  readonly #number: number;
  readonly #shared: Shared;
  readonly #routes = new Routes();
  readonly #calls = new CallList();
  #settling: Settling[] = [];
  /** The last turn of the event loop that read from here, and how much it did. */
  #turn = -1;
  #turnBytes = 0;
  #reading = false;
  #faulted = false;
  /** By us: what it sent and was not read is not read any more. */
  #cut = false;
  /** It carried calls, not only health checks. */
  #worked = false;
  /** Calls of it wait for answers, or did. */
  #awaits = false;
  #cancelDeadline: () => void;

  constructor(socket: Socket, number: number, shared: Shared) {
    const { clock, schedule } = shared.around;
    this.#socket = socket;
    this.#number = number;
    this.#shared = shared;
    this.now = clock.now();
    this.peer = new Http2Connection(this, LIMITS, () => this.now);
    this.#cancelDeadline = schedule(SETTLE_MS, () => this.#settledInTime());
    socket.on('data', (chunk: Buffer) => this.#came(chunk));
    // A socket that breaks also closes; why makes no difference to what was recorded.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#gone());
    this.flush();
  }

  get open(): number {
    return this.#calls.length;
  }

  opened(stream: number, headers: readonly Header[]): StreamEvents | undefined {
    const route = this.#routes.of(headers);
    switch (route.kind) {
      case 'exchange':
      case 'log':
        return this.#open(stream, route.kind, route.metadata);
      case 'health':
        return new HealthCall(this, stream, () => this.#shared.serving());
      case 'metadata':
        this.#shared.around.counters.refused.metadata += 1;
        // With OK, as a call that is ended from here: to anything else Envoy answers its client with an error.
        return this.#refuse(stream, TRAILERS_ONLY.ok);
      case 'unknown':
      case 'no-grpc':
        this.#shared.around.counters.refused.method += 1;
        return this.#refuse(stream, route.kind === 'unknown' ? TRAILERS_ONLY.unimplemented : UNSUPPORTED_TYPE);
    }
  }

  later(settling: Settling): void {
    this.#settling.push(settling);
  }

  awaited(): void {
    this.#awaits = true;
    this.#shared.around.pace?.awaited();
  }

  left(call: Http2Call): void {
    this.#calls.delete(call);
    // Ended from outside, between two chunks.
    if (!this.#reading) queueMicrotask(() => this.flush());
  }

  /** Whether calls are open that will end by themselves before long. */
  hasShortCalls(): boolean {
    return this.#calls.some((call) => !call.mayIdle());
  }

  sweep(now: number, idleMs: number): void {
    this.#calls.forEach((call) => call.sweep(now, idleMs));
    this.flush();
  }

  endAll(): void {
    this.#calls.forEach((call) => call.end('shutdown'));
    this.flush();
  }

  /** No more calls, please. What only asks for health is left alone: a sidecar that lost it would bypass this sink, and cut its calls. */
  retire(): void {
    if (!this.#worked) return;
    this.peer.goAway(0);
    this.flush();
  }

  /** Ends calls with OK, then the connection, at the latest after a grace. */
  close(): void {
    this.endAll();
    // The second time tells the last stream.
    this.peer.goAway(0);
    this.peer.goAway(0);
    this.flush();
    this.#end();
  }

  flush(): void {
    const output = this.peer.takeOutput();
    const socket = this.#socket;
    if (output !== undefined && !socket.destroyed && !socket.writableEnded) socket.write(output);
    if (this.peer.fault !== undefined) this.#fault();
    else if (socket.writableLength > MAX_UNREAD_BYTES) {
      this.#shared.around.counters.refused.unread += 1;
      this.#destroy();
    }
  }

  #open(stream: number, kind: CallKind, metadata: readonly Header[]): StreamEvents | undefined {
    if (this.#shared.over()) return this.#refuse(stream, TRAILERS_ONLY.ok);
    this.#worked = true;
    const receiver = this.#shared.accept(kind, metadata, this.#number);
    const call = new Http2Call(this, stream, receiver, this.#shared.books[kind]);
    this.#calls.add(call);
    return call;
  }

  #refuse(stream: number, block: Uint8Array): undefined {
    this.peer.respond(stream, block, true);
  }

  #came(chunk: Buffer): void {
    const { pace, inbox } = this.#shared.around;
    if (pace !== undefined) this.#paced(pace, chunk.length);
    // Greetings, health checks and calls that wait are answered at once.
    if (inbox === undefined) this.read(chunk);
    else inbox.add(this, chunk, !this.#worked || this.#awaits);
  }

  /** What the socket gave, now or a little earlier; nobody else has it, and nobody has it afterwards. */
  read(chunk: Buffer): void {
    if (!this.#cut) this.#receive(chunk);
    letGo(chunk);
  }

  #receive(chunk: Buffer): void {
    const { clock, counters } = this.#shared.around;
    this.now = clock.now();
    this.#reading = true;
    try {
      this.peer.receive(chunk);
      this.#settle();
    } catch (error) {
      // A fault of ours. It costs the connection whose bytes found it, not the thread.
      counters.refused.internal += 1;
      this.#destroy(error instanceof Error ? error : undefined);
    } finally {
      this.#reading = false;
    }
    this.flush();
  }

  /** TLS gives what one read of its socket brought in pieces of 16 KiB and less. */
  #paced(pace: Pace, bytes: number): void {
    if (pace.turn !== this.#turn) this.#turnBytes = 0;
    this.#turn = pace.turn;
    this.#turnBytes += bytes;
    pace.read(bytes, this.#turnBytes >= FULL_BYTES);
  }

  #settle(): void {
    if (this.#settling.length === 0) return;
    const settling = this.#settling;
    this.#settling = [];
    for (const one of settling) one.settle();
  }

  #settledInTime(): void {
    if (!this.peer.isReady) this.#destroy();
  }

  #fault(): void {
    if (this.#faulted) return;
    this.#faulted = true;
    this.#shared.around.counters.refused.protocol += 1;
    this.#end();
  }

  #end(): void {
    this.#cancelDeadline();
    if (this.#socket.destroyed) return;
    this.#socket.destroySoon();
    this.#cancelDeadline = this.#shared.around.schedule(CLOSE_GRACE_MS, () => this.#destroy());
  }

  #destroy(error?: Error): void {
    this.#cut = true;
    this.#socket.destroy(error);
  }

  #gone(): void {
    // What it sent before it left.
    this.#shared.around.inbox?.flush();
    this.#cancelDeadline();
    try {
      this.peer.lost();
    } finally {
      this.#shared.left(this);
    }
  }
}
