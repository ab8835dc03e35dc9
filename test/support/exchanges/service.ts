/** An HTTP/1.1 service that behaves, path by path, as a test says, and remembers every byte. */
import { EventEmitter, once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { half, pairsOf } from './view.ts';
import type { Pairs, View } from './view.ts';

export type Behaviour = (call: ServiceCall) => void | Promise<void>;
export type Upgrade = (request: http.IncomingMessage, socket: Socket, head: Buffer) => void;

export interface TestService {
  readonly port: number;
  /** What it got and answered on that path, oldest first. */
  calls(path: string): readonly ServiceCall[];
  on(path: string, behaviour: Behaviour): void;
  onUpgrade(path: string, upgrade: Upgrade): void;
  close(): Promise<void>;
}

export async function startService(): Promise<TestService> {
  const behaviours = new Map<string, Behaviour>();
  const upgrades = new Map<string, Upgrade>();
  const calls = new Map<string, ServiceCall[]>();
  const server = http.createServer((request, response) => {
    const path = request.url ?? '';
    const call = new ServiceCall(request, response);
    calls.set(path, [...(calls.get(path) ?? []), call]);
    void behaviours.get(path)?.(call);
  });
  server.on('upgrade', (request: http.IncomingMessage, socket: Socket, head: Buffer) =>
    upgrades.get(request.url ?? '')?.(request, socket, head),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    calls: (path) => calls.get(path) ?? [],
    on: (path, behaviour) => void behaviours.set(path, behaviour),
    onUpgrade: (path, upgrade) => void upgrades.set(path, upgrade),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export class ServiceCall {
  readonly #request: http.IncomingMessage;
  readonly #response: http.ServerResponse;
  readonly #events = new EventEmitter();
  readonly #got: Uint8Array[] = [];
  readonly #sent: Uint8Array[] = [];
  #headers: Pairs = [];
  #trailers: Pairs = [];
  #over = false;

  constructor(request: http.IncomingMessage, response: http.ServerResponse) {
    this.#request = request;
    this.#response = response;
    request.on('data', (chunk: Buffer) => {
      this.#got.push(chunk);
      this.#events.emit('event');
    });
    for (const event of ['end', 'close']) request.on(event, () => this.#events.emit('event'));
    // A client that leaves in the middle is an error of the request.
    request.on('error', () => undefined);
    response.on('close', () => {
      this.#over = true;
      this.#events.emit('event');
    });
  }

  /** Resolves when so many bytes of the request are here. */
  async received(bytes: number): Promise<void> {
    await this.#until(() => this.#got.reduce((sum, chunk) => sum + chunk.length, 0) >= bytes);
  }

  /** Resolves when the request is whole. */
  async whole(): Promise<void> {
    await this.#until(() => this.#request.complete);
  }

  /** Resolves when the exchange is over, in whatever way. */
  async over(): Promise<void> {
    await this.#until(() => this.#over);
  }

  begin(status: number, headers: Pairs = []): this {
    this.#headers = headers;
    this.#response.writeHead(status, headers.flat());
    this.#response.flushHeaders();
    return this;
  }

  write(bytes: Uint8Array): this {
    this.#sent.push(bytes);
    this.#response.write(bytes);
    return this;
  }

  end(bytes: Uint8Array = Buffer.alloc(0), trailers: Pairs = []): void {
    this.#sent.push(bytes);
    this.#trailers = trailers;
    if (trailers.length > 0) this.#response.addTrailers(Object.fromEntries(trailers));
    this.#response.end(bytes);
  }

  /** Drops the connection once what was written is out. */
  breakOff(): void {
    this.#request.socket.end(() => this.#request.socket.destroy());
  }

  view(): View {
    const answered = this.#response.headersSent;
    return {
      request: half(pairsOf(this.#request.rawHeaders), this.#got, pairsOf(this.#request.rawTrailers)),
      ...(answered && { status: this.#response.statusCode, response: half(this.#headers, this.#sent, this.#trailers) }),
    };
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#events, 'event');
  }
}
