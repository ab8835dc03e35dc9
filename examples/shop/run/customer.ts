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
  'newGiftOrder',
] as const;

/** What a customer does at a time; an order is two requests. */
export type Action = (typeof ACTIONS)[number];

export interface Request {
  readonly action: Action;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

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
  send(request: Request): Promise<Sent>;
}

type Random = () => number;

interface Line {
  readonly sku: string;
  readonly quantity: number;
}

const PRODUCTS = [
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
/** Coupons whose terms a former release of pricing has left in the cache, and one that is new. */
const OLD_COUPONS = ['SPRING10', 'TEATIME25'] as const;
const NEW_COUPON = 'WELCOME5';
const REFUSED_COUPONS = ['WINTER20', 'FREE99'] as const;
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

export class Customer {
  readonly #front: Shopfront;
  readonly #name: string;
  #token = '';
  #expired = '';
  #orders: readonly string[] = [];
  #requests = 0;

  constructor(front: Shopfront, number: number) {
    this.#front = front;
    this.#name = NAMES[number % NAMES.length] ?? NAMES[0];
  }

  /** Logs in, twice: once for a session of a second, whose token is refused later. */
  async arrive(): Promise<void> {
    this.#expired = tokenOf(await this.#login({ expiresIn: 1 }));
    this.#token = tokenOf(await this.#login({}));
  }

  async act(action: Action, random: Random): Promise<void> {
    const orderOf = ORDERS[action];
    if (orderOf !== undefined) return this.#order(action, orderOf(random));
    const pathOf = PATHS[action];
    if (pathOf !== undefined) return this.#get(action, pathOf(random, this.#orders), this.#tokenFor(action));
    if (action === 'login') return void (await this.#login(random() < 0.2 ? { password: 'guess' } : {}));
    const lines =
      action === 'outOfStock' ? [{ sku: pick(random, ['SIEVE-01', 'KETTLE-01']), quantity: 3 }] : linesOf(random);
    await this.#post(action, '/carts', { lines });
  }

  async #order(action: Action, { lines, coupon }: Order): Promise<void> {
    const cart = parse(await this.#post('cart', '/carts', { lines }));
    if (typeof cart['id'] !== 'number') return;
    const body = { cartId: cart['id'], ...(coupon === undefined ? {} : { coupon }) };
    const order = parse(await this.#post(action, '/orders', body));
    if (typeof order['number'] === 'string') this.#orders = [...this.#orders, order['number']].slice(-20);
  }

  #tokenFor(action: Action): string {
    if (action === 'expired') return this.#expired;
    return action === 'badToken' ? `${this.#token.slice(0, -6)}AAAAAA` : this.#token;
  }

  #login(more: { readonly expiresIn?: number; readonly password?: string }): Promise<Sent> {
    const body = { email: `${this.#name}@example.com`, password: `${this.#name}-secret`, ...more };
    return this.#front.send({ action: 'login', method: 'POST', path: '/login', headers: this.#headers(''), body });
  }

  async #get(action: Action, path: string, token: string): Promise<void> {
    await this.#front.send({ action, method: 'GET', path, headers: this.#headers(token) });
  }

  #post(action: Action, path: string, body: unknown): Promise<Sent> {
    return this.#front.send({ action, method: 'POST', path, headers: this.#headers(this.#token), body });
  }

  /** Two requests of three (those of the app) come with a trace; for the rest the gateway starts one. */
  #headers(token: string): Readonly<Record<string, string>> {
    this.#requests += 1;
    const trace = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
    return {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(this.#requests % 3 === 0 ? {} : { traceparent: trace }),
    };
  }
}

interface Order {
  readonly lines: readonly Line[];
  readonly coupon?: string;
}

/** Actions that order something. */
const ORDERS: Partial<Record<Action, (random: Random) => Order>> = {
  order: (random) => ({
    lines: linesOf(random),
    ...(random() < 0.5 ? { coupon: pick(random, [...OLD_COUPONS, NEW_COUPON]) } : {}),
  }),
  badCoupon: (random) => ({ lines: linesOf(random), coupon: pick(random, REFUSED_COUPONS) }),
  giftOrder: (random) => ({ lines: giftsOf(random), coupon: pick(random, OLD_COUPONS) }),
  newGiftOrder: (random) => ({ lines: giftsOf(random), coupon: NEW_COUPON }),
};

/** Actions that look at something. */
const PATHS: Partial<Record<Action, (random: Random, orders: readonly string[]) => string>> = {
  browse: (random) => `/products?limit=${String(5 + Math.floor(random() * 10))}`,
  search: (random) => `/products?q=${pick(random, ['tea', 'pot', 'mug', 'gift'])}`,
  product: (random) => `/products/${pick(random, PRODUCTS)}`,
  status: (random, orders) => `/orders/${pick(random, ['O-1', ...orders])}`,
  profile: () => '/me',
  unknown: (random) => `/products/TEA-${String(Math.floor(random() * 1000))}`,
  expired: () => '/products',
  badToken: () => '/products',
  partnerOffer: () => '/products/KETTLE-01',
};

/** One to three things that cost something, now and then with a gift among them. */
function linesOf(random: Random): readonly Line[] {
  const count = 1 + Math.floor(random() * 3);
  const lines = Array.from({ length: count }, () => ({
    sku: pick(random, PRODUCTS),
    quantity: 1 + Math.floor(random() * 3),
  }));
  return random() < 0.2 ? [...lines, { sku: pick(random, GIFTS), quantity: 1 }] : lines;
}

function giftsOf(random: Random): readonly Line[] {
  return [{ sku: pick(random, GIFTS), quantity: 1 + Math.floor(random() * 2) }];
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
