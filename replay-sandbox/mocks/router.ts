/** Takes every connection the service makes to the mocks, and gives it to the mock of the peer it dialled, or refuses it. */
import type { Server, Socket } from 'node:net';
import { dialledAddress } from '../isolate/dialled-address.ts';
import type { Dialled, Mock } from './mock.ts';
import type { AddressBook } from './names.ts';
import type { Refusal } from './refusal.ts';
import type { Authority } from './tls/authority.ts';
import { serverHandshake } from './tls/handshake.ts';
import type { Silences } from './tls/silences.ts';
import { untrusted } from './tls/untrusted.ts';

/** One recorded peer and how it is spoken to. */
export interface Route {
  readonly name: string;
  readonly port: number;
  readonly mock: Mock;
  /** True when the client speaks first and may begin with a TLS handshake. */
  readonly clientFirst: boolean;
  /** The recorded peer, where the service finds it under another name. */
  readonly recorded?: { readonly name: string; readonly port: number };
  /** Protocols offered inside TLS, by preference. */
  readonly alpn?: readonly string[];
}

export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly book: AddressBook;
  readonly authority: Authority;
  readonly refused: (refusal: Refusal) => void;
  readonly silences?: Silences | undefined;
}

const TLS_HANDSHAKE = 0x16;

export class Router {
  readonly #options: RouterOptions;
  readonly #sockets = new Set<Socket>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Ports that must be listened on. */
  ports(): readonly number[] {
    return [...new Set(this.#options.routes.map((route) => route.port))];
  }

  /** Serves a listener that accepts any destination address on one port. */
  attach(server: Server, port: number): void {
    server.on('connection', (socket) => this.#accept(socket, port));
  }

  /** Serves a listener of the service's own loopback that stands for one recorded peer. */
  attachAs(server: Server, route: Route): void {
    server.on('connection', (socket) =>
      this.#serve(this.#track(socket), route, { name: route.name, address: '127.0.0.1', port: route.port }),
    );
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket, port: number): void {
    this.#track(socket);
    const address = dialledAddress(socket);
    const name = this.#options.book.nameOf(address);
    const route = this.#options.routes.find((candidate) => candidate.name === name && candidate.port === port);
    if (name !== undefined && route !== undefined) {
      this.#serve(socket, route, { name, address, port, ...route.recorded });
      return;
    }
    const reason =
      name === undefined ? 'this address was not recorded' : `${name} was not called on port ${port} in the recording`;
    this.#options.refused({ kind: 'tcp', target: `${name ?? address}:${port}`, reason });
    socket.resetAndDestroy();
  }

  #serve(socket: Socket, route: Route, dialled: Dialled): void {
    if (!route.clientFirst) {
      route.mock.serve(socket, dialled);
      return;
    }
    socket.once('readable', () => {
      const first: Buffer | null = socket.read() as Buffer | null;
      if (first === null) return; // Closed before a byte was sent.
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) this.#serveTls(socket, route, dialled);
      else route.mock.serve(socket, dialled);
    });
  }

  #serveTls(socket: Socket, route: Route, dialled: Dialled): void {
    const { authority } = this.#options;
    void authority.contextFor(route.name, dialled.address).then(
      (fallback) => {
        const secure = serverHandshake(socket, {
          context: fallback,
          contextOf: (name) => authority.contextFor(name),
          alpn: route.alpn ?? ['http/1.1'],
          refused: (how) => this.#options.refused(untrusted(dialled, how)),
          silences: this.#options.silences,
        });
        secure.on('error', () => secure.destroy());
        secure.once('secure', () => {
          // Only a tls.Server takes this mark off, and node:http2 waits for it.
          Object.assign(secure, { secureConnecting: false });
          route.mock.serve(secure, dialled);
        });
      },
      () => socket.destroy(),
    ); // No certificate can be made for such a name.
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
