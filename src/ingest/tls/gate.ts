import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { SecureContextOptions, Server, TLSSocket } from 'node:tls';
import { SETTLE_MS } from '../limits.ts';
import type { TransportSurroundings } from '../surroundings.ts';

/** A handshake takes a millisecond of the thread: so many are under way at once, others wait their turn. */
const AT_ONCE = 32;
/** More than these wait for nothing. */
const WAITING = 1024;
/** Of those that say nothing so many may be there: then the one that has said nothing for longest goes. */
const SILENT = 1024;

export interface GateEvents {
  /** A peer that speaks HTTP/2, and is who it has to be. */
  opened(socket: TLSSocket): void;
  /** It is not, or was not in time, or there are too many: its socket is closed. */
  refused(): void;
}

/** TLS in front of connections: ALPN h2 and nothing else, client certificates where there is an authority for them. */
export class TlsGate {
  readonly #server: Server;
  readonly #events: GateEvents;
  readonly #around: Pick<TransportSurroundings, 'schedule' | 'pace'>;
  /** Whoever has not begun a handshake; it ends the wait. */
  readonly #silent = new Map<Socket, () => void>();
  readonly #waiting: Socket[] = [];
  /** By what the socket inside and the one around it have in common. */
  readonly #underWay = new Map<string, Socket>();
  #release: () => void = () => undefined;

  constructor(
    material: SecureContextOptions,
    events: GateEvents,
    around: Pick<TransportSurroundings, 'schedule' | 'pace'>,
  ) {
    this.#events = events;
    this.#around = around;
    const asked = material.ca !== undefined;
    const options = { requestCert: asked, rejectUnauthorized: asked, handshakeTimeout: SETTLE_MS };
    this.#server = createServer({ ...material, ...options, ALPNProtocols: ['h2'], minVersion: 'TLSv1.2' });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (_error, socket) => {
      socket.destroy();
      events.refused();
    });
  }

  /** For handshakes from now on. Sessions of before are not taken up again. */
  renew(material: SecureContextOptions): void {
    this.#server.setSecureContext(material);
  }

  /** Whoever says nothing takes nobody's turn: a handshake begins with what the peer says. */
  accept(socket: Socket): void {
    socket.on('error', () => undefined);
    const [longest] = this.#silent.size < SILENT ? [] : this.#silent.keys();
    if (longest !== undefined) this.#drop(longest);
    const spoke = (): void => this.#spoke(socket);
    const cancel = this.#around.schedule(SETTLE_MS, () => this.#drop(socket));
    this.#silent.set(socket, () => {
      cancel();
      socket.off('readable', spoke);
    });
    socket.once('close', () => this.#noMoreSilent(socket));
    socket.on('readable', spoke);
  }

  /** Whoever is not through yet is let go. */
  close(): void {
    for (const socket of [...this.#silent.keys(), ...this.#waiting.splice(0)]) socket.destroy();
    for (const socket of this.#underWay.values()) socket.destroy();
  }

  /** It has said something, or goes. */
  #spoke(socket: Socket): void {
    this.#noMoreSilent(socket);
    if (socket.readableLength === 0) this.#drop(socket);
    else if (this.#underWay.size < AT_ONCE) this.#begin(socket);
    else if (this.#waiting.length < WAITING) this.#waiting.push(socket);
    else this.#drop(socket);
  }

  #noMoreSilent(socket: Socket): void {
    this.#silent.get(socket)?.();
    this.#silent.delete(socket);
  }

  #drop(socket: Socket): void {
    this.#noMoreSilent(socket);
    socket.destroy();
    this.#events.refused();
  }

  #begin(socket: Socket): void {
    const peer = peerOf(socket);
    if (this.#underWay.size === 0) this.#release = this.#around.pace?.hold() ?? this.#release;
    this.#underWay.set(peer, socket);
    socket.once('close', () => {
      if (this.#underWay.get(peer) === socket) this.#done(peer);
    });
    this.#server.emit('connection', socket);
  }

  #secured(socket: TLSSocket): void {
    this.#done(peerOf(socket));
    if (socket.alpnProtocol === 'h2') return this.#events.opened(socket);
    // A client that names no protocol at all. https://www.rfc-editor.org/rfc/rfc9113#section-3.2
    socket.destroy();
    this.#events.refused();
  }

  #done(peer: string): void {
    if (!this.#underWay.delete(peer)) return;
    if (this.#underWay.size === 0) this.#release();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      if (!next.destroyed) return this.#begin(next);
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
