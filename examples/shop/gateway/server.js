/** The front door: what the shop's web page and app call. It starts the trace when the client has none. */
import { ServiceClient } from '../kit/client.js';
import { createLog } from '../kit/log.js';
import { startService } from '../kit/service.js';

const log = createLog('gateway');
const accounts = new ServiceClient('accounts', process.env.ACCOUNTS_URL ?? 'http://accounts.shop');
const pricing = new ServiceClient('pricing', process.env.PRICING_URL ?? 'http://pricing.shop');
const promotions = new ServiceClient('promotions', process.env.PROMOTIONS_URL ?? 'http://promotions.shop', {
  timeoutMs: 1000,
});
const orders = new ServiceClient('orders', process.env.ORDERS_URL ?? 'http://orders.shop', { timeoutMs: 8000 });

async function login({ body, context }) {
  return { status: 200, body: await accounts.call('POST', '/login', { ...context, body }) };
}

async function profile({ context }) {
  return { status: 200, body: await accounts.call('GET', '/me', context) };
}

async function listProducts({ query, context }) {
  const search = query.size > 0 ? `?${query}` : '';
  return { status: 200, body: await pricing.call('GET', `/products${search}`, context) };
}

async function showProduct({ params, context }) {
  const sku = encodeURIComponent(params.sku);
  const product = await pricing.call('GET', `/products/${sku}`, context);
  return { status: 200, body: { ...product, offers: await offersFor(sku, context) } };
}

/** A product page without offers is better than none. */
async function offersFor(sku, context) {
  try {
    const { offers } = await promotions.call('GET', `/offers/${sku}`, context);
    return offers;
  } catch (error) {
    log.warn('page without offers', { sku, error: error.message, traceId: context.span.traceId });
    return [];
  }
}

async function createCart({ body, context }) {
  return { status: 201, body: await pricing.call('POST', '/carts', { ...context, body }) };
}

async function createOrder({ body, context }) {
  return { status: 201, body: await orders.call('POST', '/orders', { ...context, body }) };
}

async function showOrder({ params, context }) {
  return { status: 200, body: await orders.call('GET', `/orders/${encodeURIComponent(params.id)}`, context) };
}

await startService({
  name: 'gateway',
  port: Number(process.env.PORT ?? 8080),
  log,
  routes: [
    ['POST', '/login', login],
    ['GET', '/me', profile],
    ['GET', '/products', listProducts],
    ['GET', '/products/:sku', showProduct],
    ['POST', '/carts', createCart],
    ['POST', '/orders', createOrder],
    ['GET', '/orders/:id', showOrder],
  ],
});
