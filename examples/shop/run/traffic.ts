/** Varied, realistic requests at a given rate: the same ones for the same seed, but for ids and the order of what overlaps. */
import { setTimeout as delay } from 'node:timers/promises';
import { Customer } from './customer.ts';
import type { Request, Sent, Shopfront } from './customer.ts';
import { Deck, DEFAULT_MIX } from './deck.ts';
import type { Mix } from './deck.ts';
import { seededRandom } from './random.ts';
import { sendRequest } from './send.ts';

export interface TrafficOptions {
  readonly entryUrl: string;
  /** Requests to send, at least; an order that was begun is finished. */
  readonly requests: number;
  readonly perSecond: number;
  /** Customers that act at the same time; none has two requests under way. */
  readonly customers?: number;
  readonly seed?: number;
  readonly mix?: Mix;
  readonly onProgress?: (sent: number, failed: number) => void;
  readonly signal?: AbortSignal;
}

export interface TrafficReport {
  /** In the order of their answers. */
  readonly sent: readonly Sent[];
  /** Those answered 5xx, or not at all. */
  readonly failed: readonly Sent[];
  readonly seconds: number;
}

/** Sends until the number is reached, or the signal comes. A request that is not answered is in the report with status 0. */
export async function sendTraffic(options: TrafficOptions): Promise<TrafficReport> {
  const started = performance.now();
  const run = new Run(options, started);
  const random = seededRandom(options.seed ?? 1);
  const deck = new Deck(options.mix ?? DEFAULT_MIX, random);
  const customers = Array.from({ length: options.customers ?? 8 }, (_, number) => new Customer(run, number));
  await Promise.all(
    customers.map(async (customer) => {
      await customer.arrive();
      // Each action has its own numbers, so that it does not matter who of the customers comes first.
      while (run.wantsMore()) await customer.act(deck.deal(), seededRandom(random() * 2 ** 32));
    }),
  );
  return { sent: run.sent, failed: run.sent.filter(isFailed), seconds: (performance.now() - started) / 1000 };
}

class Run implements Shopfront {
  readonly sent: Sent[] = [];
  readonly #options: TrafficOptions;
  readonly #started: number;
  #begun = 0;
  #failed = 0;

  constructor(options: TrafficOptions, started: number) {
    this.#options = options;
    this.#started = started;
  }

  wantsMore(): boolean {
    return this.#begun < this.#options.requests && this.#options.signal?.aborted !== true;
  }

  async send(request: Request): Promise<Sent> {
    const due = this.#started + (this.#begun * 1000) / this.#options.perSecond;
    this.#begun += 1;
    const wait = due - performance.now();
    if (wait > 1) await delay(wait);
    const sent = await sendRequest(this.#options.entryUrl, request);
    this.sent.push(sent);
    if (isFailed(sent)) this.#failed += 1;
    this.#options.onProgress?.(this.sent.length, this.#failed);
    return sent;
  }
}

function isFailed({ status }: Sent): boolean {
  return status === 0 || status >= 500;
}
