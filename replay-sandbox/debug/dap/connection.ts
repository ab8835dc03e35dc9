/** One connection to a debug adapter. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { z } from 'zod';
import { ReplayError } from '../../error.ts';
import { DapDeframer, encodeDap } from './framing.ts';
import type { DapMessage } from './messages.ts';
import { readMessage } from './messages.ts';

interface Waiting {
  readonly command: string;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class DapConnection {
  readonly #socket: Socket;
  readonly #deframer = new DapDeframer();
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: ((event: string, body: unknown) => void)[] = [];
  #seq = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#gone());
  }

  /** To a port of loopback. Throws ReplayError `debugger`. */
  static async open(port: number): Promise<DapConnection> {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
    } catch (cause) {
      throw new ReplayError('debugger', 'The debugger cannot be reached.', 'Start the replay again.', { cause });
    }
    return new DapConnection(socket);
  }

  onEvent(listener: (event: string, body: unknown) => void): void {
    this.#listeners.push(listener);
  }

  /** Rejects with ReplayError `debugger` when the adapter refuses, answers otherwise than said, or is gone. */
  async request<T>(command: string, args: Readonly<Record<string, unknown>>, schema: z.ZodType<T>): Promise<T> {
    const body = await this.send(command, args);
    const read = schema.safeParse(body);
    if (read.success) return read.data;
    throw failure(command, 'its answer cannot be read');
  }

  send(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.#seq += 1;
    const seq = this.#seq;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(failure(command, 'it is gone'));
        return;
      }
      this.#waiting.set(seq, { command, resolve, reject });
      this.#socket.write(encodeDap({ seq, type: 'request', command, arguments: args }));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Uint8Array): void {
    for (const value of this.#deframer.push(bytes)) {
      const message = readMessage(value);
      if (message !== undefined) this.#take(message);
    }
    if (this.#deframer.fault !== undefined) this.#socket.destroy();
  }

  #take(message: DapMessage): void {
    if (message.type === 'event') for (const listener of this.#listeners) listener(message.event, message.body);
    if (message.type !== 'response') return;
    const waiting = this.#waiting.get(message.request_seq);
    this.#waiting.delete(message.request_seq);
    if (message.success) waiting?.resolve(message.body ?? {});
    else waiting?.reject(failure(message.command, message.message ?? 'it was refused'));
  }

  #gone(): void {
    for (const { command, reject } of this.#waiting.values()) reject(failure(command, 'it is gone'));
    this.#waiting.clear();
  }
}

function failure(command: string, why: string): ReplayError {
  return new ReplayError('debugger', `The debugger did not carry out "${command}": ${why}`, 'Start the replay again.');
}
