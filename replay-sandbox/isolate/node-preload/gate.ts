/**
 * Where every process of the service tells what it does, and through which its connections come. Its peers are the service's own code: a
 * line that is not understood, or without the token, costs that connection and nothing else.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, Server, type Socket, connect, createServer } from 'node:net';
import { z } from 'zod';
import type { Dial } from '../isolation.ts';

const PORT = z.number().int().min(0).max(65_535);
const ADDRESS = z.string().max(4096);

/** What a guest says: guest/gate.cjs, guest/tcp.cjs, guest/datagrams.cjs, guest/pipes.cjs. */
const MESSAGE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dial'), token: z.string(), id: z.number(), address: ADDRESS, port: PORT }),
  z.object({ kind: z.literal('through'), token: z.string(), address: ADDRESS, port: PORT }),
  z.object({ kind: z.literal('listens'), token: z.string(), port: PORT, at: PORT }),
  z.object({ kind: z.literal('datagram'), token: z.string(), address: ADDRESS, port: PORT }),
  z.object({ kind: z.literal('pipe'), token: z.string(), address: ADDRESS }),
]);

type Message = z.infer<typeof MESSAGE>;

const LONGEST_LINE = 8192;
const NEWLINE = 0x0a;

export class Gate {
  readonly #token: string;
  readonly #now: () => number;
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();
  readonly #mocks = new Map<number, Server>();
  readonly #loopback = new Map<number, Server>();
  /** Port the service thinks it listens on -> where it does. */
  readonly #listening = new Map<number, number>();
  readonly #dialListeners: ((dial: Dial) => void)[] = [];

  private constructor(token: string, now: () => number) {
    this.#token = token;
    this.#now = now;
    this.#server.on('connection', (socket) => this.#take(socket));
  }

  /** `now` gives Unix ms. */
  static async open(token: string, now: () => number): Promise<Gate> {
    const gate = new Gate(token, now);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  onDial(listener: (dial: Dial) => void): void {
    this.#dialListeners.push(listener);
  }

  /** A server that is given connections and never listens itself; undefined when that port is another's. */
  serve(port: number, where: 'mocks' | 'service-loopback'): Server | undefined {
    const served = where === 'mocks' ? this.#mocks : this.#loopback;
    if (served.has(port)) return undefined;
    const server = new Server();
    served.set(port, server);
    return server;
  }

  /** Where the service listens when it thinks that it listens there. */
  listening(port: number): number | undefined {
    return this.#listening.get(port);
  }

  /** The service listens there without having told: an inspector, which opens its port below JavaScript. */
  listens(port: number, at: number): void {
    this.#listening.set(port, at);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const read = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      const end = chunk.indexOf(NEWLINE);
      if (end < 0) {
        // The rest comes later; a line is sent at once, so it is no peer of ours that sends it so slowly.
        if (chunk.length > LONGEST_LINE) socket.destroy();
        else socket.unshift(chunk);
        return;
      }
      const message = this.#parse(chunk.subarray(0, end).toString('utf8'));
      if (message === undefined) return void socket.destroy();
      if (end + 1 < chunk.length) socket.unshift(chunk.subarray(end + 1));
      if (message.kind === 'through') {
        socket.off('readable', read);
        return this.#lead(socket, message);
      }
      this.#told(socket, message);
      read();
    };
    socket.on('readable', read);
  }

  #parse(line: string): Message | undefined {
    try {
      const parsed = MESSAGE.safeParse(JSON.parse(line));
      return parsed.success && this.#isOurs(parsed.data.token) ? parsed.data : undefined;
    } catch {
      return undefined;
    }
  }

  #isOurs(token: string): boolean {
    const [told, own] = [Buffer.from(token), Buffer.from(this.#token)];
    return told.length === own.length && timingSafeEqual(told, own);
  }

  #told(socket: Socket, message: Exclude<Message, { kind: 'through' }>): void {
    const at = this.#now();
    if (message.kind === 'listens') this.#listening.set(message.port, message.at);
    else if (message.kind === 'pipe') this.#tell({ kind: 'unix', address: message.address, at });
    else {
      const { address, port } = message;
      this.#tell({ kind: message.kind === 'dial' ? 'tcp' : 'udp', address: plain(address), port, at });
      if (message.kind === 'dial') socket.write(`${JSON.stringify({ id: message.id, goes: this.#leads(message) })}\n`);
    }
  }

  #tell(dial: Dial): void {
    for (const listener of this.#dialListeners) listener(dial);
  }

  #leads({ address, port }: { readonly address: string; readonly port: number }): boolean {
    return isLoopback(address) ? this.#loopback.has(port) || this.#listening.has(port) : this.#mocks.has(port);
  }

  #lead(socket: Socket, { address, port }: { readonly address: string; readonly port: number }): void {
    const server = (isLoopback(address) ? this.#loopback : this.#mocks).get(port);
    if (server !== undefined) {
      // For a mock it is a connection to the address that was dialled.
      Object.defineProperty(socket, 'localAddress', { value: plain(address) });
      server.emit('connection', socket);
      return;
    }
    const own = isLoopback(address) ? this.#listening.get(port) : undefined;
    if (own === undefined) return void socket.destroy();
    const inner = connect({ port: own, host: '127.0.0.1' });
    inner.on('error', () => socket.destroy());
    inner.on('close', () => socket.destroy());
    socket.on('close', () => inner.destroy());
    socket.pipe(inner).pipe(socket);
  }
}

function isLoopback(address: string): boolean {
  return /^127\.|^::1$|^0\.0\.0\.0$|^::$|^::ffff:127\./.test(address);
}

/** IPv4 in dotted form. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
