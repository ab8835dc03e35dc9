/** A peer on this machine's network that is let through on purpose: bytes pass as they are, TLS too. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Clock } from '../../src/domain/clock.ts';
import type { CallLog } from '../match/call.ts';
import type { Dialled, Mock } from '../mocks/mock.ts';
import { join, reset } from './along.ts';

/** Where a real peer is reached, from this machine. */
export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

export interface RealHostOptions {
  /** Name and port the service dials. */
  readonly peer: string;
  readonly address: HostAddress;
  readonly log: CallLog;
  readonly clock: Clock;
  readonly matters: () => boolean;
}

/** What passed so far. */
export interface Passed {
  readonly peer: string;
  readonly address: string;
  readonly connections: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export class RealHost implements Mock {
  readonly protocol = 'tcp';
  readonly #options: RealHostOptions;
  /** Those that are open, by what tells of them. */
  readonly #open = new Set<() => void>();
  readonly #outer = new Set<Socket>();
  #connections = 0;
  #bytesOut = 0;
  #bytesIn = 0;

  constructor(options: RealHostOptions) {
    this.#options = options;
  }

  serve(socket: Socket, dialled: Dialled): void {
    const { host, port } = this.#options.address;
    this.#connections += 1;
    const passed = { out: 0, in: 0 };
    const tell = this.#teller(dialled);
    const settle = (): void => tell(`open when the replay ended: ${counted(passed)}`);
    this.#open.add(settle);
    socket.on('error', () => socket.destroy());
    const server = connect({ host, port, allowHalfOpen: true });
    this.#outer.add(server);
    server.once('close', () => this.#outer.delete(server));
    socket.once('close', () => void (server.connecting && server.destroy()));
    const failed = (error: NodeJS.ErrnoException): void => {
      this.#open.delete(settle);
      tell(`no connection: ${error.code ?? error.message}`);
      reset(socket);
    };
    server.once('error', failed);
    server.once('connect', () => {
      server.off('error', failed);
      join(socket, server, {
        fromClient: ({ length }) => {
          passed.out += length;
          this.#bytesOut += length;
        },
        fromServer: ({ length }) => {
          passed.in += length;
          this.#bytesIn += length;
        },
        closed: () => {
          this.#open.delete(settle);
          tell(counted(passed));
        },
      });
    });
  }

  unused(): readonly string[] {
    return [];
  }

  settle(): void {
    for (const tell of this.#open) tell();
  }

  /** Nothing of it outlives the replay. */
  close(): void {
    for (const socket of this.#outer) socket.destroy();
  }

  passed(): Passed {
    const { peer, address } = this.#options;
    return {
      peer,
      address: addressText(address),
      connections: this.#connections,
      bytesOut: this.#bytesOut,
      bytesIn: this.#bytesIn,
    };
  }

  /** One line per connection. */
  #teller({ name, port }: Dialled): (what: string) => void {
    const { clock, log, address } = this.#options;
    const began = clock.now();
    const matters = this.#options.matters();
    let isTold = false;
    return (what) => {
      if (isTold) return;
      isTold = true;
      log.add({
        protocol: 'tcp',
        peer: `${name}:${port}`,
        summary: `connection to ${addressText(address)}`,
        grade: 'real',
        ms: clock.now() - began,
        explanation: [what],
        matters,
      });
    };
  }
}

export function addressText({ host, port }: HostAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function counted(passed: { readonly out: number; readonly in: number }): string {
  return `${passed.out} bytes sent, ${passed.in} received`;
}
