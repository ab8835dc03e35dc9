/** The transport made for Envoy's calls: HTTP/2 of our own (src/wire/http2) on sockets, and gRPC's framing. */
import type { Socket } from 'node:net';
import type { TransportSurroundings } from '../surroundings.ts';
import type { AcceptCall, CreateTransport, ListenAddress, Transport, TransportLimits } from '../transport.ts';
import type { CallBooks } from './call.ts';
import { Connection } from './connection.ts';
import type { Shared } from './connection.ts';
import { listenOn } from './listener.ts';
import type { Listener } from './listener.ts';
import { UnfinishedMessages } from './unfinished.ts';

/** How often a drain looks whether the calls it waits for have ended. Milliseconds. */
const LOOK_MS = 20;

export function http2Transport(around: TransportSurroundings): CreateTransport {
  return (accept, limits) => new Http2Transport(accept, limits, around);
}

class Http2Transport implements Transport {
  readonly #limits: TransportLimits;
  readonly #around: TransportSurroundings;
  readonly #shared: Shared;
  readonly #connections = new Set<Connection>();
  readonly #listeners: Listener[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #serving = true;
  #state: 'open' | 'draining' | 'over' | 'closing' = 'open';
  #cancelSweep: () => void = () => undefined;

  constructor(accept: AcceptCall, limits: TransportLimits, around: TransportSurroundings) {
    this.#limits = limits;
    this.#around = around;
    const { counters } = around;
    const { messageBytes, unfinishedBytes } = limits;
    const common = { refused: counters.refused, messageBytes, unfinished: new UnfinishedMessages(unfinishedBytes) };
    const books = (of: CallBooks['counters']): CallBooks => ({ ...common, counters: of });
    this.#shared = {
      accept,
      around,
      books: { exchange: books(counters), log: books(counters.logs) },
      serving: () => this.#serving,
      over: () => this.#state === 'over' || this.#state === 'closing',
      left: (connection) => this.#left(connection),
    };
    this.#sweepLater();
  }

  async listen(address: ListenAddress): Promise<ListenAddress> {
    const listener = await listenOn(address, this.#around, (socket) => this.#connected(socket));
    this.#listeners.push(listener);
    return listener.address;
  }

  serving(is: boolean): void {
    this.#serving = is;
  }

  async drain(ms: number): Promise<void> {
    if (this.#state !== 'open') return;
    this.#around.inbox?.flush();
    this.#state = 'draining';
    const release = this.#around.pace?.hold();
    this.#closeListeners();
    for (const connection of this.#connections) connection.retire();
    const deadline = this.#around.clock.now() + ms;
    const isShort = (connection: Connection): boolean => connection.hasShortCalls();
    while ([...this.#connections].some(isShort) && this.#around.clock.now() < deadline)
      await new Promise<void>((resolve) => this.#around.schedule(LOOK_MS, resolve));
    if (this.#state === 'draining') this.#state = 'over';
    for (const connection of this.#connections) connection.endAll();
    release?.();
  }

  close(): Promise<void> {
    if (this.#state === 'closing') return this.#closed.promise;
    this.#around.inbox?.flush();
    this.#state = 'closing';
    this.#cancelSweep();
    this.#closeListeners();
    for (const connection of this.#connections) connection.close();
    if (this.#connections.size === 0) this.#closed.resolve();
    return this.#closed.promise;
  }

  #closeListeners(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  #connected(socket: Socket): void {
    const { counters } = this.#around;
    if (this.#connections.size >= this.#limits.connections) {
      counters.refused.crowded += 1;
      socket.destroy();
      return;
    }
    counters.connectionsOpened += 1;
    const connection = new Connection(socket, counters.connectionsOpened, this.#shared);
    this.#connections.add(connection);
    if (this.#state !== 'open') connection.close();
  }

  #left(connection: Connection): void {
    this.#around.counters.connectionsClosed += 1;
    this.#connections.delete(connection);
    if (this.#state === 'closing' && this.#connections.size === 0) this.#closed.resolve();
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#around.schedule(this.#limits.idleMs / 2, () => {
      const now = this.#around.clock.now();
      for (const connection of this.#connections) connection.sweep(now, this.#limits.idleMs);
      this.#sweepLater();
    });
  }
}
