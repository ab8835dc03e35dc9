/** One customer of the shop, clicking: knows how to make each kind of request and what to remember of the answers. */
import { randomBytes } from 'node:crypto';
import { pick } from './random.ts';

export const ACTIONS = [
  'browse',
  'search',
  'product',
  'cart',
  'order',
  'status',
  'login',
  'profile',
  'unknown',
  'outOfStock',
  'badCoupon',
  'expired',
  'badToken',
  'partnerOffer',
  'giftOrder',
] as const;
export type Action = (typeof ACTIONS)[number];

/** One request that was sent, and its answer as the customer saw it. */
export interface Sent {
  readonly action: Action;
  readonly method: string;
  readonly path: string;
  /** Of the request's traceparent: the customer's own; absent where the gateway had to start the trace. */
  readonly traceId?: string;
  readonly requestBody: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly responseBody: string;
  readonly ms: number;
}

export interface Shopfront {
  send(request: {
    readonly action: Action;
    readonly method: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body?: unknown;
  }): Promise<Sent>;
}

const TEAS = [
  'TEA-ASSAM',
  'TEA-DARJ',
  'TEA-SENCHA',
  'TEA-MINT',
  'POT-GLASS',
  'MUG-BLUE',
  'MUG-TRAVEL',
  'POT-IRON',
] as const;
const GIFTS = ['GIFT-SAMPLE', 'GIFT-CARD', 'GIFT-SPOON'] as const;
const COUPONS = ['SPRING10', 'TEATIME25', 'WELCOME5'] as const;
const NAMES = [
  'ada',
  'grace',
  'barbara',
  'donald',
  'edsger',
  'frances',
  'john',
  'kathleen',
  'niklaus',
  'tony',
] as const;

interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export class Customer {
  readonly #front: Shopfront;
  readonly #random: () => number;
  readonly #name: string;
  #token = '';
  #expired = '';
  #orders: readonly string[] = [];

  constructor(front: Shopfront, random: () => number, number: number) {
    this.#front = front;
    this.#random = random;
    this.#name = NAMES[number % NAMES.length] ?? NAMES[0];
  }

  /** Logs in, twice: once for a session of a second, whose token is refused later. */
  async arrive(): Promise<void> {
    this.#expired = tokenOf(await this.#login({ expiresIn: 1 }));
    this.#token = tokenOf(await this.#login({}));
  }

  /** Does one thing; an order is two or three requests. */
  async act(action: Action): Promise<void> {
    switch (action) {
      case 'browse':
        return this.#get(action, `/products?limit=${String(5 + Math.floor(this.#random() * 10))}`);
      case 'search':
        return this.#get(action, `/products?q=${pick(this.#random, ['tea', 'pot', 'mug', 'gift'])}`);
      case 'product':
        return this.#get(action, `/products/${pick(this.#random, TEAS)}`);
      case 'cart':
        return void (await this.#cart(action, this.#lines()));
      case 'order':
        return this.#order(action, this.#lines(), this.#random() < 0.5 ? pick(this.#random, COUPONS) : undefined);
      case 'giftOrder':
        return this.#order(
          action,
          [{ sku: pick(this.#random, GIFTS), quantity: 1 + Math.floor(this.#random() * 2) }],
          pick(this.#random, COUPONS),
        );
      case 'badCoupon':
        return this.#order(action, this.#lines(), pick(this.#random, ['WINTER20', 'FREE99']));
      case 'status':
        return this.#get(action, `/orders/${pick(this.#random, ['O-1', ...this.#orders])}`);
      case 'login':
        return void (await this.#login(this.#random() < 0.2 ? { password: 'guess' } : {}));
      case 'profile':
        return this.#get(action, '/me');
      case 'unknown':
        return this.#get(action, `/products/TEA-${String(Math.floor(this.#random() * 1000))}`);
      case 'outOfStock':
        return void (await this.#cart(action, [{ sku: pick(this.#random, ['SIEVE-01', 'KETTLE-01']), quantity: 3 }]));
      case 'expired':
        return this.#get(action, '/products', this.#expired);
      case 'badToken':
        return this.#get(action, '/products', `${this.#token.slice(0, -6)}AAAAAA`);
      case 'partnerOffer':
        return this.#get(action, '/products/KETTLE-01');
    }
  }

  async #order(action: Action, lines: readonly Line[], coupon: string | undefined): Promise<void> {
    const cart = parse(await this.#cart('cart', lines));
    if (typeof cart['id'] !== 'number') return;
    const order = parse(
      await this.#post(action, '/orders', { cartId: cart['id'], ...(coupon === undefined ? {} : { coupon }) }),
    );
    if (typeof order['number'] === 'string') this.#orders = [...this.#orders, order['number']].slice(-20);
  }

  #cart(action: Action, lines: readonly Line[]): Promise<Sent> {
    return this.#post(action, '/carts', { lines });
  }

  /** One to three things that cost something, now and then with a gift among them. */
  #lines(): readonly Line[] {
    const count = 1 + Math.floor(this.#random() * 3);
    const lines = Array.from({ length: count }, () => ({
      sku: pick(this.#random, TEAS),
      quantity: 1 + Math.floor(this.#random() * 3),
    }));
    return this.#random() < 0.2 ? [...lines, { sku: pick(this.#random, GIFTS), quantity: 1 }] : lines;
  }

  #login(more: { readonly expiresIn?: number; readonly password?: string }): Promise<Sent> {
    const body = { email: `${this.#name}@example.com`, password: `${this.#name}-secret`, ...more };
    return this.#front.send({ action: 'login', method: 'POST', path: '/login', headers: this.#headers(''), body });
  }

  async #get(action: Action, path: string, token = this.#token): Promise<void> {
    await this.#front.send({ action, method: 'GET', path, headers: this.#headers(token) });
  }

  #post(action: Action, path: string, body: unknown): Promise<Sent> {
    return this.#front.send({ action, method: 'POST', path, headers: this.#headers(this.#token), body });
  }

  /** Two of three clients (the app) send a trace of their own; the rest leave it to the gateway. */
  #headers(token: string): Record<string, string> {
    const trace = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
    return {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(this.#random() < 0.66 ? { traceparent: trace } : {}),
    };
  }
}

function tokenOf(sent: Sent): string {
  const { token } = parse(sent);
  return typeof token === 'string' ? token : '';
}

function parse(sent: Sent): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(sent.responseBody) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
