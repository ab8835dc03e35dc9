import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { Framer } from '../../../src/wire/postgres/framing.ts';
import { decodeFrontend, type Frontend } from '../../../src/wire/postgres/frontend.ts';
import { serverHandshake } from '../tls/handshake.ts';
import type { Silences } from '../tls/silences.ts';
import type { Action } from './server.ts';

/** What stands behind the socket. */
export interface ConnectionServer {
  /** The client's next message must wait. */
  readonly waiting: boolean;
  /** Answers a message; undefined stands for one that does not follow its grammar. */
  handle(message: Frontend | undefined): readonly Action[];
  /** `binding`: what a client that binds to the channel shows: the hash of the certificate (RFC 5929, tls-server-end-point). */
  encrypted(binding: Uint8Array | undefined): void;
}

/** Certificates for the names a client may ask for; undefined stands for the one it dialled. */
export type SecureContextOf = (name: string | undefined) => Promise<SecureContext>;

export interface ConnectionOptions {
  readonly server: ConnectionServer;
  /** Called for each piece of bytes before it is answered. */
  readonly arrived: () => void;
  readonly closed: () => void;
  /** Without it clients are told that the server does not encrypt. */
  readonly secureContextOf?: SecureContextOf | undefined;
  /** The client did not believe the certificate: how that was seen. */
  readonly untrusted?: (how: string) => void;
  readonly silences?: Silences | undefined;
}

/** A ClientHello in place of a start-up packet: sslnegotiation=direct. */
const TLS_HANDSHAKE = 0x16;
/** By this name, which such clients insist on. */
const ALPN = 'postgresql';
/** Taken from a client whose statement waits, before it is stopped. */
const PENDING_BYTES = 65_536;

/** The socket side of one connection: bytes to messages, actions to bytes. A broken peer loses its connection and nothing else. */
export class Connection {
  readonly #options: ConnectionOptions;
  #framer = new Framer('client');
  #socket: Socket;
  #began = false;
  #pending = 0;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#options = options;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('close', () => options.closed());
    this.#listen(socket);
  }

  /** What happens without a message of the client; then whatever it has said meanwhile. */
  wake(actions: readonly Action[]): void {
    if (this.#socket.destroyed) return;
    this.#perform(actions);
    if (actions.at(-1)?.kind !== 'close') this.#drain();
  }

  #listen(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.on('data', this.#receive);
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#options.arrived();
    const direct = !this.#began && chunk[0] === TLS_HANDSHAKE && this.#options.secureContextOf !== undefined;
    this.#began = true;
    if (direct) return this.#encrypt(chunk);
    this.#framer.push(chunk);
    this.#pending += chunk.length;
    this.#drain();
  };

  #drain(): void {
    const { server } = this.#options;
    const actions: Action[] = [];
    while (!server.waiting) {
      const framed = this.#framer.next();
      if (framed.kind === 'need-more') break;
      actions.push(...server.handle(framed.kind === 'fault' ? undefined : decodeFrontend(framed)));
      if (framed.kind === 'fault' || actions.at(-1)?.kind === 'close' || actions.at(-1)?.kind === 'encrypt') break;
    }
    this.#perform(actions);
    if (this.#socket.listenerCount('data') > 0) this.#throttle(server.waiting);
  }

  #throttle(waiting: boolean): void {
    if (!waiting) this.#pending = 0;
    if (this.#pending > PENDING_BYTES) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #perform(actions: readonly Action[]): void {
    const bytes = Buffer.concat(actions.flatMap((action) => (action.kind === 'send' ? [action.bytes] : [])));
    if (bytes.length > 0) this.#socket.write(bytes);
    const last = actions.at(-1);
    if (last?.kind === 'close') this.#close();
    if (last?.kind === 'encrypt') this.#encrypt(this.#framer.takeRest());
  }

  #close(): void {
    this.#socket.off('data', this.#receive);
    this.#socket.resume();
    this.#socket.end();
  }

  /** `early`: a client that does not wait for the answer has its first TLS bytes here already. */
  #encrypt(early: Uint8Array): void {
    const plain = this.#socket;
    const { secureContextOf } = this.#options;
    plain.off('data', this.#receive);
    plain.pause();
    if (early.length > 0) plain.unshift(Buffer.from(early));
    void secureContextOf?.(undefined).then(
      (secureContext) => this.#secure(plain, secureContext, secureContextOf),
      () => plain.destroy(),
    ); // No certificate can be made for such a name.
  }

  #secure(plain: Socket, secureContext: SecureContext, contextOf: SecureContextOf): void {
    this.#framer = new Framer('client');
    const secure = serverHandshake(plain, {
      context: secureContext,
      contextOf,
      alpn: [ALPN],
      refused: (how) => this.#options.untrusted?.(how),
      silences: this.#options.silences,
    });
    this.#socket = secure;
    secure.once('secure', () => this.#options.server.encrypted(bindingOf(secure)));
    this.#listen(secure);
  }
}

/** All certificates of a sandbox are signed with SHA-256. */
function bindingOf(socket: TLSSocket): Uint8Array | undefined {
  const certificate = socket.getX509Certificate();
  return certificate && createHash('sha256').update(certificate.raw).digest();
}
