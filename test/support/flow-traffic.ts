/** Traffic of a service that passes no context on, generated: requests, the calls made for them, and who made which. */
import type { Exchange } from '../../src/domain/exchange.ts';
import type { StreamId } from '../../src/domain/ids.ts';
import type { Scene } from '../../src/assembly/flow/scene.ts';
import { exchange, message, stream, T0, vantage } from './transaction.ts';

export interface TrafficOptions {
  readonly seed: number;
  /** Requests served at once. */
  readonly concurrency: number;
  readonly requests: number;
  /** How many values there are of each kind: few make them common. */
  readonly articles?: number;
  readonly customers?: number;
  /** Calls side by side instead of one after the other. */
  readonly fanOut?: boolean;
  /** Share of calls that fail and are made again. */
  readonly retries?: number;
  /** Calls that the service makes by itself, for each request. */
  readonly polls?: number;
}

export interface Traffic {
  readonly scene: Scene;
  /** The request a call was made for; absent for the service's own. */
  readonly truth: ReadonlyMap<StreamId, StreamId>;
}

/** Numbers 0..1 that are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Each request: an order of one to three articles, each looked up; a price for all; a reservation with what the price was answered. */
export function trafficOf(options: TrafficOptions): Traffic {
  const made = new Maker(options);
  const free = Array.from({ length: options.concurrency }, () => made.between(0, 60));
  for (let index = 0; index < options.requests; index++) {
    const worker = free.indexOf(Math.min(...free));
    free[worker] = made.request((free[worker] ?? 0) + made.between(0, 30)) + made.between(1, 15);
  }
  return made.traffic(Math.max(...free));
}

class Maker {
  readonly #options: TrafficOptions;
  readonly #random: () => number;
  readonly #exchanges: Exchange[] = [];
  readonly #truth = new Map<StreamId, StreamId>();
  #number = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#random = randomOf(options.seed);
  }

  between(from: number, to: number): number {
    return from + this.#random() * (to - from);
  }

  /** Returns when it was answered. */
  request(at: number): number {
    const { articles = 40, customers = 60, fanOut = false } = this.#options;
    const id = this.#next();
    const pick = (kinds: number): number => 1 + Math.floor(this.#random() * kinds);
    const customer = `c-${1000 + pick(customers)}`;
    const items = Array.from({ length: pick(3) }, () => ({ sku: `sku-${pick(articles)}`, quantity: pick(5) }));
    const order = `o-${Math.floor(this.#random() * 2 ** 32).toString(16)}`;
    let now = at + this.between(5, 40);
    const ends: number[] = [];
    for (const { sku, quantity } of items) {
      const target = `/stock/${sku}?quantity=${quantity}`;
      const end = this.#attempts(id, now, { peer: 'stock', target, answer: { available: pick(90) } });
      ends.push(end);
      now = fanOut ? now + this.between(0, 2) : end + this.between(2, 15);
    }
    now = Math.max(now, ...ends) + this.between(1, 5);
    const quote = `q-${10_000 + id}`;
    const total = `${pick(900)}.${10 + pick(89)}`;
    now = this.#attempts(id, now, {
      peer: 'pricing',
      target: '/quotes',
      ask: { customer, items },
      answer: { quote, total },
    });
    now += this.between(2, 20);
    now = this.#attempts(id, now, { peer: 'stock', target: '/reservations', ask: { quote }, answer: { held: true } });
    now += this.between(0.3, 4);
    this.#add(id, 'inbound', at, now, {
      peer: 'shop',
      target: '/checkout',
      ask: { order, customer, items },
      answer: { order, quote, total },
    });
    return now;
  }

  traffic(until: number): Traffic {
    const { polls = 0, requests } = this.#options;
    for (let count = 0; count < polls * requests; count++) {
      const at = this.between(0, until);
      this.#add(this.#next(), 'outbound', at, at + this.between(5, 40), {
        peer: 'stock',
        target: '/health',
        answer: { up: true },
      });
    }
    const exchanges = this.#exchanges.toSorted((one, other) => one.startedAt - other.startedAt);
    const services = { shop: { carried: 0, dropped: 50 } };
    const known = { services, lonely: new Set<StreamId>(), gapless: true };
    return { scene: { exchanges, links: [], commands: [], known }, truth: this.#truth };
  }

  /** Returns when the last one was answered. */
  #attempts(by: number, at: number, call: Call): number {
    const { retries = 0 } = this.#options;
    const fails = this.#random() < retries;
    const end = at + this.between(8, 60);
    this.#made(by, at, end, fails ? { ...call, answer: { error: 'try again' }, status: 503 } : call);
    return fails ? this.#attempts(by, end + this.between(1, 5), call) : end;
  }

  #made(by: number, at: number, end: number, call: Call): void {
    const id = this.#next();
    this.#truth.set(stream(id), stream(by));
    this.#add(id, 'outbound', at, end, call);
  }

  #add(number: number, direction: 'inbound' | 'outbound', at: number, end: number, call: Call): void {
    const { peer, target, ask, answer, status = 200 } = call;
    const json = { 'content-type': 'application/json' };
    const head = { ':method': ask === undefined ? 'GET' : 'POST', ':path': target, ...json };
    const times = (from: number, to: number) => ({ startedAt: T0 + from, endedAt: T0 + to });
    this.#exchanges.push(
      exchange(number, {
        vantage: vantage('shop', direction),
        peer: { name: peer, port: 80 },
        requestId: `r-${number}`,
        request: message(head, ask === undefined ? '' : JSON.stringify(ask), times(at, at + 0.5)),
        response: message({ ':status': String(status), ...json }, JSON.stringify(answer), times(end - 0.2, end)),
        ...times(at, end),
      }),
    );
  }

  #next(): number {
    this.#number += 1;
    return this.#number;
  }
}

interface Call {
  readonly peer: string;
  readonly target: string;
  readonly ask?: object;
  readonly answer: object;
  readonly status?: number;
}
