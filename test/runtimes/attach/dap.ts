/** As VS Code attaches to debugpy and delve: the Debug Adapter Protocol over TCP. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { basename } from 'node:path';
import type { Holder } from './hold.ts';

interface Message {
  readonly type: 'response' | 'event' | 'request';
  readonly event?: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly body?: { readonly threadId?: number };
}

export const holdByDap: Holder = async (port, { source, line }, seconds, over) => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const client = new Client(socket, over);
  try {
    await client.ask('initialize', {
      adapterID: 'loop',
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: 'path',
    });
    // debugpy answers it when all is configured, delve at once.
    const attached = client.ask('attach', { request: 'attach', mode: 'remote', justMyCode: false });
    await client.event('initialized');
    const place = { name: basename(source), path: source };
    await client.ask('setBreakpoints', { source: place, breakpoints: [{ line }] });
    const stopped = client.event('stopped');
    await client.ask('configurationDone', {});
    await attached;
    const { body } = await stopped;
    const began = performance.now();
    await delay(seconds * 1000, undefined, { signal: over });
    const held = (performance.now() - began) / 1000;
    // The replay may be over, and its port closed, before the answer to this comes.
    await client.ask('continue', { threadId: body?.threadId ?? 1 }).catch(() => undefined);
    return held;
  } finally {
    socket.destroy();
  }
};

class Client {
  readonly #socket: Socket;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #events: Message[] = [];
  readonly #waiting = new Map<string, (message: Message) => void>();
  readonly #over: Promise<never>;
  #seq = 0;
  #rest = Buffer.alloc(0);

  constructor(socket: Socket, over: AbortSignal) {
    this.#socket = socket;
    this.#over = new Promise((_, reject) => {
      const fail = (): void => reject(new Error('the replay ended before the service stopped'));
      over.addEventListener('abort', fail);
      socket.on('close', fail);
    });
    this.#over.catch(() => undefined);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  async ask(command: string, words: object): Promise<Message> {
    const seq = (this.#seq += 1);
    const answered = new Promise<Message>((resolve) => this.#answers.set(seq, resolve));
    const text = JSON.stringify({ seq, type: 'request', command, arguments: words });
    this.#socket.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    const answer = await Promise.race([answered, this.#over]);
    if (answer.success !== true) throw new Error(`${command}: ${answer.message ?? 'refused'}`);
    return answer;
  }

  /** The next of that name, or the one that came already. */
  async event(name: string): Promise<Message> {
    const came = this.#events.findIndex(({ event }) => event === name);
    const [message] = came === -1 ? [] : this.#events.splice(came, 1);
    if (message !== undefined) return message;
    return Promise.race([new Promise<Message>((resolve) => this.#waiting.set(name, resolve)), this.#over]);
  }

  #read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const head = this.#rest.indexOf('\r\n\r\n');
      const [, length] = /Content-Length: (\d+)/i.exec(this.#rest.toString('latin1', 0, Math.max(head, 0))) ?? [];
      const end = head + 4 + Number(length);
      if (head === -1 || length === undefined || this.#rest.length < end) return;
      this.#take(JSON.parse(this.#rest.toString('utf8', head + 4, end)) as Message);
      this.#rest = this.#rest.subarray(end);
    }
  }

  #take(message: Message): void {
    if (message.type === 'response') this.#answers.get(message.request_seq ?? 0)?.(message);
    if (message.type !== 'event') return;
    const waiting = this.#waiting.get(message.event ?? '');
    this.#waiting.delete(message.event ?? '');
    if (waiting === undefined) this.#events.push(message);
    else waiting(message);
  }
}
