import type { Http2Server, Http2Session, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { ServerCredentials } from '@grpc/grpc-js';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';
import type { Header } from '../../domain/exchange.ts';
import { IngestError } from '../error.ts';
import { GrpcCall } from './call.ts';
import { serveHealth } from './health.ts';
import { CLOSE_GRACE_MS } from '../limits.ts';
import { HEALTH_CHECK, isTooMuch, metadataOf, PATHS } from '../served.ts';
import type { TransportSurroundings } from '../surroundings.ts';
import type { AcceptCall, CallKind, CreateTransport, ListenAddress, Transport, TransportLimits } from '../transport.ts';
import { createTunedServer } from './tuned-server.ts';
import { Unfinished } from './unfinished.ts';
import { clearStaleSocket, restrictSocket } from '../unix-socket.ts';

const SERVED: ReadonlySet<string> = new Set([...Object.values(PATHS), HEALTH_CHECK]);
/** How often a drain looks whether the calls it waits for have ended. Milliseconds. */
const LOOK_MS = 50;

export function grpcjsTransport(around: TransportSurroundings): CreateTransport {
  return (accept, limits) => new GrpcjsTransport(accept, limits, around);
}

/** Name of an encoding that nobody knows. Of a message without the flag it means nothing. */
const NOT_UNPACKED = 'not-unpacked-here';

class GrpcjsTransport implements Transport {
  readonly #accept: AcceptCall;
  readonly #limits: TransportLimits;
  readonly #around: TransportSurroundings;
  readonly #server: Server;
  readonly #calls = new Set<GrpcCall>();
  readonly #connections = new Map<Http2Session, number>();
  readonly #unfinished: Unfinished;
  /** grpc-js runs the handler of a call within the `stream` event, and tells it neither the connection nor the headers as sent. */
  #arriving: { readonly stream: ServerHttp2Stream; readonly metadata: readonly Header[] } | undefined;
  #cancelSweep: () => void = () => undefined;
  #serving = true;
  #drained = false;
  #closing: Promise<void> | undefined;

  constructor(accept: AcceptCall, limits: TransportLimits, around: TransportSurroundings) {
    this.#accept = accept;
    this.#limits = limits;
    this.#around = around;
    this.#unfinished = new Unfinished(() => (around.counters.refused.unfinished += 1), limits.unfinishedBytes);
    this.#server = createTunedServer(limits.messageBytes, (server) => this.#watch(server));
    const same = (bytes: Buffer): Buffer => bytes;
    for (const kind of ['exchange', 'log'] as const) {
      const onCall = (call: ServerDuplexStream<Buffer, Buffer>): void => this.#onCall(kind, call);
      this.#server.register<Buffer, Buffer>(PATHS[kind], onCall, same, same, 'bidi');
    }
    serveHealth(this.#server, () => this.#serving);
    this.#sweepLater();
  }

  async listen(address: ListenAddress): Promise<ListenAddress> {
    if (address.kind === 'tcp') {
      if (address.tls !== undefined)
        throw new IngestError('unsupported', 'The transport grpc-js has no TLS here.', 'Use the transport http2.');
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      return { ...address, port: await this.#bind(`${host}:${address.port}`) };
    }
    await clearStaleSocket(address.path);
    await this.#bind(`unix:${address.path}`);
    await restrictSocket(address.path);
    return address;
  }

  serving(is: boolean): void {
    this.#serving = is;
  }

  /** It goes on listening: this server can only close all at once. */
  async drain(ms: number): Promise<void> {
    const deadline = this.#around.clock.now() + ms;
    const isShort = (call: GrpcCall): boolean => !call.mayIdle();
    while ([...this.#calls].some(isShort) && this.#around.clock.now() < deadline)
      await new Promise<void>((resolve) => this.#around.schedule(LOOK_MS, resolve));
    this.#drained = true;
    for (const call of this.#calls) call.end('shutdown');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #bind(target: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(target, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else
          reject(
            new IngestError(
              'listen-failed',
              `Cannot listen on ${target}: ${error.message}`,
              'Name another address, or stop what uses it.',
              { cause: error },
            ),
          );
      });
    });
  }

  async #close(): Promise<void> {
    this.#cancelSweep();
    for (const call of this.#calls) call.end('shutdown');
    const gone = [...this.#connections.keys()].map(
      (session) => new Promise<void>((resolve) => session.once('close', resolve)),
    );
    const stopped = new Promise<void>((resolve) => {
      // Not forceShutdown: without channelz grpc-js knows of no sessions there.
      const cancel = this.#around.schedule(CLOSE_GRACE_MS, () =>
        this.#connections.forEach((_number, session) => session.destroy()),
      );
      this.#server.tryShutdown(() => {
        cancel();
        resolve();
      });
    });
    await Promise.all([stopped, ...gone]);
  }

  #watch(server: Http2Server): void {
    const { counters } = this.#around;
    server.on('session', (session) => {
      counters.connectionsOpened += 1;
      this.#connections.set(session, counters.connectionsOpened);
      session.once('close', () => {
        counters.connectionsClosed += 1;
        this.#connections.delete(session);
      });
    });
    server.on('sessionError', (error: NodeJS.ErrnoException) => {
      // Others are sockets that broke (ECONNRESET): a peer that is gone has not been refused.
      if (error.code?.startsWith('ERR_HTTP2') === true) counters.refused.protocol += 1;
    });
    server.prependListener(
      'stream',
      (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
        const path = headers[':path'];
        if (!SERVED.has(path ?? '')) counters.refused.method += 1;
        this.#arriving = { stream, metadata: metadataOf(headersOf(rawHeaders)) };
        this.#unfinished.watch(stream);
        // grpc-js refuses what it cannot unpack, and would unpack this.
        if (headers['grpc-encoding'] !== undefined) headers['grpc-encoding'] = NOT_UNPACKED;
      },
    );
  }

  #onCall(kind: CallKind, duplex: ServerDuplexStream<Buffer, Buffer>): void {
    const arriving = this.#arriving;
    this.#arriving = undefined;
    if (arriving === undefined)
      throw new IngestError(
        'unsupported',
        'This version of @grpc/grpc-js starts calls later than their stream.',
        'Install @grpc/grpc-js 1.14.',
      );
    const { stream, metadata } = arriving;
    if (isTooMuch(metadata)) return this.#refuse(duplex);
    const connection = stream.session === undefined ? 0 : (this.#connections.get(stream.session) ?? 0);
    const receiver = this.#accept(kind, metadata, connection);
    const counters = kind === 'log' ? this.#around.counters.logs : this.#around.counters;
    counters.callsOpened += 1;
    const call = new GrpcCall(duplex, stream, receiver, {
      counters,
      refused: this.#around.counters.refused,
      now: () => this.#around.clock.now(),
      left: (done) => this.#calls.delete(done),
    });
    this.#calls.add(call);
    if (this.#closing !== undefined || this.#drained) call.end('shutdown');
  }

  #refuse(duplex: ServerDuplexStream<Buffer, Buffer>): void {
    this.#around.counters.refused.metadata += 1;
    duplex.on('error', () => undefined);
    duplex.resume().end();
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#around.schedule(this.#limits.idleMs / 2, () => {
      for (const call of this.#calls) call.sweep(this.#limits.idleMs);
      this.#sweepLater();
    });
  }
}

/** Names and values take turns in `raw`. */
function headersOf(raw: readonly string[]): readonly Header[] {
  const headers: Header[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2)
    headers.push({ name: raw[index] ?? '', value: raw[index + 1] ?? '' });
  return headers;
}
