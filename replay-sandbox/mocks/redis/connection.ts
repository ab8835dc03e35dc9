import type { Socket } from 'node:net';
import { Framer } from '../../../src/wire/redis/framing.ts';
import { decodeFrontend, type Frontend } from '../../../src/wire/redis/frontend.ts';
import type { Action } from './server.ts';

/** What a connection asks of the server behind it. */
export interface Answering {
  /** Undefined stands for a message that does not follow its grammar. */
  handle(message: Frontend | undefined): readonly Action[];
  /** A command blocks: what is behind it waits. */
  readonly blocked: boolean;
  /** The client is gone. */
  closed(): void;
}

/** The socket side of one connection: bytes to commands, actions to bytes. A broken peer loses its connection and nothing else. */
export class Connection {
  readonly #server: Answering;
  readonly #arrived: () => void;
  readonly #framer = new Framer('client');
  readonly #socket: Socket;
  #over = false;

  /** `arrived` is called for each piece of bytes before it is answered. */
  constructor(socket: Socket, server: Answering, arrived: () => void) {
    this.#server = server;
    this.#arrived = arrived;
    this.#socket = socket;
    if ('setNoDelay' in socket) socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', this.#receive);
    socket.on('close', () => {
      this.#over = true;
      server.closed();
    });
  }

  /** What the server says unasked, or once a command no longer blocks. */
  perform(actions: readonly Action[]): void {
    if (this.#over) return;
    this.#write(actions);
    if (!this.#server.blocked) this.#drain();
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#arrived();
    this.#framer.push(chunk);
    this.#drain();
  };

  #drain(): void {
    const actions: Action[] = [];
    while (!this.#server.blocked && actions.at(-1)?.kind !== 'close') {
      const framed = this.#framer.next();
      if (framed.kind === 'need-more') break;
      actions.push(...this.#server.handle(framed.kind === 'fault' ? undefined : decodeFrontend(framed)));
    }
    this.#write(actions);
    if (this.#server.blocked) this.#socket.pause();
    else this.#socket.resume();
  }

  #write(actions: readonly Action[]): void {
    const bytes = actions.flatMap((action) => (action.kind === 'send' ? [action.bytes] : []));
    if (bytes.length > 0) this.#socket.write(Buffer.concat(bytes));
    if (actions.at(-1)?.kind !== 'close') return;
    this.#over = true;
    this.#socket.off('data', this.#receive);
    this.#socket.resume();
    this.#socket.end();
  }
}
