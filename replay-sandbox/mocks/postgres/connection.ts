import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { Framer } from '../../../src/wire/postgres/framing.ts';
import { decodeFrontend, type Frontend } from '../../../src/wire/postgres/frontend.ts';
import type { Action } from './server.ts';

/** Answers a message; undefined stands for one that does not follow its grammar. */
type Handle = (message: Frontend | undefined) => readonly Action[];

/** The socket side of one connection: bytes to messages, actions to bytes. A broken peer loses its connection and nothing else. */
export class Connection {
  readonly #handle: Handle;
  readonly #secureContext: SecureContext | undefined;
  readonly #arrived: () => void;
  #framer = new Framer('client');
  #socket: Socket;

  /** `arrived` is called for each piece of bytes before it is answered. */
  constructor(socket: Socket, handle: Handle, arrived: () => void, secureContext?: SecureContext) {
    this.#handle = handle;
    this.#secureContext = secureContext;
    this.#arrived = arrived;
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#listen(socket);
  }

  #listen(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.on('data', this.#receive);
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#arrived();
    this.#framer.push(chunk);
    const actions: Action[] = [];
    for (;;) {
      const framed = this.#framer.next();
      if (framed.kind === 'need-more') break;
      actions.push(...this.#handle(framed.kind === 'fault' ? undefined : decodeFrontend(framed)));
      if (framed.kind === 'fault' || actions.at(-1)?.kind === 'close' || actions.at(-1)?.kind === 'encrypt') break;
    }
    this.#perform(actions);
  };

  #perform(actions: readonly Action[]): void {
    const bytes = Buffer.concat(actions.flatMap((action) => (action.kind === 'send' ? [action.bytes] : [])));
    if (bytes.length > 0) this.#socket.write(bytes);
    const last = actions.at(-1);
    if (last?.kind === 'close') this.#close();
    if (last?.kind === 'encrypt') this.#encrypt();
  }

  #close(): void {
    this.#socket.off('data', this.#receive);
    this.#socket.resume();
    this.#socket.end();
  }

  /** A client that does not wait for the answer has its first TLS bytes here already. */
  #encrypt(): void {
    const plain = this.#socket;
    plain.off('data', this.#receive);
    const early = this.#framer.takeRest();
    if (early.length > 0) plain.unshift(Buffer.from(early));
    this.#framer = new Framer('client');
    this.#socket = new TLSSocket(plain, {
      isServer: true,
      ...(this.#secureContext && { secureContext: this.#secureContext }),
    });
    this.#listen(this.#socket);
  }
}
