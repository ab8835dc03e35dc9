/** An HTTP/1.1 client that does only what it is told, and remembers every byte. */
import { EventEmitter, once } from 'node:events';
import * as http from 'node:http';
import { half, pairsOf } from './view.ts';
import type { Half, Pairs, View } from './view.ts';

export interface Asked {
  readonly method?: string;
  /** Virtual host of the outbound listener; any for the inbound one. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Written at once; absent: the test writes and ends. */
  readonly body?: Uint8Array;
}

export class ClientCall {
  readonly #request: http.ClientRequest;
  readonly #headers: Pairs;
  readonly #events = new EventEmitter();
  readonly #sent: Uint8Array[] = [];
  readonly #got: Uint8Array[] = [];
  #response: http.IncomingMessage | undefined;
  #closed = false;

  constructor(origin: string, path: string, { method = 'GET', host = 'app.test', headers = {}, body }: Asked) {
    const length: Asked['headers'] =
      body === undefined || body.length === 0 ? {} : { 'content-length': `${body.length}` };
    const asked = Object.entries<string | readonly string[]>({ ...headers, ...length }).map(
      ([name, value]) => [name, [value].flat()] as const,
    );
    this.#headers = asked.flatMap(([name, values]) => values.map((value) => [name, value] as const));
    const own = Object.fromEntries(asked.map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
    this.#request = http.request(new URL(path, origin), { method, headers: { ...own, host }, agent: false });
    this.#request.on('response', (response) => this.#answered(response));
    // A call that breaks is closed as well.
    this.#request.on('error', () => undefined);
    this.#request.on('close', () => {
      this.#closed = true;
      this.#events.emit('event');
    });
    if (body === undefined) this.#request.flushHeaders();
    else this.end(body);
  }

  write(bytes: Uint8Array): void {
    this.#sent.push(bytes);
    this.#request.write(bytes);
  }

  end(bytes: Uint8Array = Buffer.alloc(0)): void {
    this.#sent.push(bytes);
    this.#request.end(bytes);
  }

  /** Drops the connection. */
  leave(): void {
    this.#request.destroy();
  }

  /** Resolves when so many bytes of the answer are here. */
  async received(bytes: number): Promise<void> {
    await this.#until(() => this.#got.reduce((sum, chunk) => sum + chunk.length, 0) >= bytes);
  }

  /** Resolves when the answer is whole. */
  async answered(): Promise<void> {
    await this.#until(() => this.#response?.complete === true);
  }

  /** Resolves when nothing more can come. */
  async closed(): Promise<void> {
    await this.#until(() => this.#closed);
  }

  view(): View {
    const status = this.#response?.statusCode;
    return {
      request: half(this.#headers, this.#sent),
      ...(status !== undefined && { status }),
      ...(this.#response && { response: this.#answer(this.#response) }),
    };
  }

  #answer(response: http.IncomingMessage): Half {
    return half(pairsOf(response.rawHeaders), this.#got, pairsOf(response.rawTrailers));
  }

  #answered(response: http.IncomingMessage): void {
    this.#response = response;
    response.on('data', (chunk: Buffer) => {
      this.#got.push(chunk);
      this.#events.emit('event');
    });
    response.on('end', () => this.#events.emit('event'));
    response.on('error', () => undefined);
    this.#events.emit('event');
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#events, 'event');
  }
}
