/** Requests at a fixed rate whatever becomes of the ones before: a stall shows as slow answers, not as fewer requests. */
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface LoadReport {
  readonly requests: number;
  /** One line for each request that was not answered, or not with what its path asks for. */
  readonly errors: readonly string[];
  readonly longestMs: number;
  readonly p99Ms: number;
}

/** An answer is as long as the number in its path says. */
export async function startSizedService(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    const [, size, status] = (request.url ?? '').split('/').map(Number);
    request.resume().once('end', () => response.writeHead(status ?? 200).end(Buffer.alloc(size ?? 0, 'x')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export class SteadyLoad {
  readonly #origin: string;
  readonly #perSecond: number;
  readonly #sizeOf: (index: number) => number;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #done: number[] = [];
  readonly #errors: string[] = [];

  /** `sizeOf`: bytes of the answer to ask for, by number of the request. */
  constructor(origin: string, perSecond: number, sizeOf: (index: number) => number) {
    this.#origin = origin;
    this.#perSecond = perSecond;
    this.#sizeOf = sizeOf;
  }

  /** Sends so many, each when it is due, and waits for the last answer. */
  async run(requests: number): Promise<LoadReport> {
    this.#done.length = 0;
    this.#errors.length = 0;
    const began = performance.now();
    const pending: Promise<void>[] = [];
    for (let index = 0; index < requests; index++) {
      const wait = began + (index * 1000) / this.#perSecond - performance.now();
      if (wait > 1) await delay(wait);
      pending.push(this.#send(this.#sizeOf(index)));
    }
    await Promise.all(pending);
    const sorted = this.#done.toSorted((one, other) => one - other);
    const at = (share: number): number =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return { requests, errors: [...this.#errors], longestMs: at(1), p99Ms: at(0.99) };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(size: number): Promise<void> {
    const began = performance.now();
    try {
      const request = http.request(`${this.#origin}/${size}`, { method: 'POST', agent: this.#agent });
      request.end('some request');
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      let bytes = 0;
      for await (const chunk of response) bytes += (chunk as Buffer).length;
      if (response.statusCode !== 200 || bytes !== size)
        this.#errors.push(`${response.statusCode} with ${bytes} of ${size} bytes`);
    } catch (error) {
      this.#errors.push(String(error));
    }
    this.#done.push(performance.now() - began);
  }
}
