/** Varied, realistic requests at a given rate, the same ones for the same seed. */
import { setTimeout as delay } from 'node:timers/promises';
import { Customer } from './customer.ts';
import type { Action, Sent, Shopfront } from './customer.ts';
import { seededRandom } from './random.ts';
import { sendRequest } from './send.ts';

/** How often each action comes, in relation to the others. */
export type Mix = Readonly<Partial<Record<Action, number>>>;

/** About one request in sixty meets the bug; a swallowed failure (`partnerOffer`) comes only when asked for. */
export const DEFAULT_MIX: Mix = {
  browse: 12,
  search: 6,
  product: 16,
  cart: 4,
  order: 10,
  status: 5,
  login: 3,
  profile: 3,
  unknown: 2,
  outOfStock: 2,
  badCoupon: 1,
  expired: 1,
  badToken: 1,
  giftOrder: 1.35,
};

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
  const run = new Run(options);
  const random = seededRandom(options.seed ?? 1);
  const customers = Array.from({ length: options.customers ?? 8 }, (_, number) => new Customer(run, random, number));
  await Promise.all(
    customers.map(async (customer) => {
      await customer.arrive();
      while (run.wantsMore()) await customer.act(choose(options.mix ?? DEFAULT_MIX, random));
    }),
  );
  return { sent: run.sent, failed: run.sent.filter(isFailed), seconds: (performance.now() - started) / 1000 };
}

class Run implements Shopfront {
  readonly sent: Sent[] = [];
  readonly #options: TrafficOptions;
  readonly #started = performance.now();
  #begun = 0;
  #failed = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  wantsMore(): boolean {
    return this.#begun < this.#options.requests && this.#options.signal?.aborted !== true;
  }

  async send(request: Parameters<Shopfront['send']>[0]): Promise<Sent> {
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

function choose(mix: Mix, random: () => number): Action {
  const entries = Object.entries(mix) as [Action, number][];
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [action, weight] of entries) {
    left -= weight;
    if (left < 0) return action;
  }
  return 'browse';
}

function isFailed({ status }: Sent): boolean {
  return status === 0 || status >= 500;
}
