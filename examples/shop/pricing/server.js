/** Products, carts and quotes. Serves nobody without a valid token, so it fetches the keys for that before it serves at all. */
import { Redis } from 'ioredis';
import pg from 'pg';
import { ServiceClient } from '../kit/client.js';
import { HttpError } from '../kit/errors.js';
import { createLog } from '../kit/log.js';
import { startService } from '../kit/service.js';
import { allocate, atFullPrice } from './allocate.js';
import { findCartLines, findProduct, insertCart, insertQuote, inTransaction, listProducts } from './store.js';
import { termsOf } from './terms.js';
import { customerOf, fetchKeys } from './tokens.js';

const log = createLog('pricing');
const accounts = new ServiceClient('accounts', process.env.ACCOUNTS_URL ?? 'http://accounts.shop', { timeoutMs: 3000 });
const keys = await fetchKeys(accounts, log);
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL ?? 'postgres://shop:shop@postgres.shop:5432/shop',
  max: 8,
  connectionTimeoutMillis: 3000,
  query_timeout: 5000,
});
pool.on('error', (error) => log.error('idle database connection lost', { error: error.message }));

const cache = new Redis(process.env.REDIS_URL ?? 'redis://redis.shop:6379', { commandTimeout: 3000 });
cache.on('error', (error) => log.error('cache connection lost', { error: error.message }));

/** A route for customers: the handler gets who asks. */
function forCustomers(handler) {
  return async (call) => handler({ ...call, customer: await customerOf(call.headers.authorization, keys) });
}

async function products({ query }) {
  const limit = Math.min(Number(query.get('limit') ?? 20) || 20, 50);
  return { status: 200, body: { products: await listProducts(pool, query.get('q') ?? '', limit) } };
}

async function product({ params }) {
  const found = await findProduct(pool, params.sku);
  if (found === undefined) throw new HttpError(404, `no product ${params.sku}`);
  return { status: 200, body: found };
}

async function createCart({ body, customer }) {
  const lines = readLines(body);
  const cart = await inTransaction(pool, async (db) => {
    for (const { sku, quantity } of lines) {
      const found = await findProduct(db, sku);
      if (found === undefined) throw new HttpError(404, `no product ${sku}`);
      if (found.stock < quantity) throw new HttpError(409, `only ${found.stock} of ${sku} left`);
    }
    return { id: await insertCart(db, customer, lines), lines };
  });
  return { status: 201, body: cart };
}

async function createQuote({ body, customer }) {
  const { cartId, coupon } = body ?? {};
  if (!Number.isInteger(cartId)) throw new HttpError(400, 'cartId must be a number');
  const quote = await inTransaction(pool, async (db) => {
    const lines = await findCartLines(db, cartId, customer);
    if (lines.length === 0) throw new HttpError(404, `no cart ${cartId}`);
    const priced = await price(db, lines, coupon);
    return { id: await insertQuote(db, { cartId, customer, coupon, ...priced }), ...priced };
  });
  return { status: 201, body: quote };
}

async function price(db, lines, coupon) {
  const subtotalCents = lines.reduce((sum, line) => sum + line.quantity * line.unitCents, 0);
  if (!coupon) return { subtotalCents, discountCents: 0, lines: atFullPrice(lines) };
  const discounted = allocate(lines, coupon, await termsOf(cache, db, coupon.code));
  const discountCents = discounted.reduce((sum, line) => sum + line.discountCents, 0);
  return { subtotalCents, discountCents, lines: discounted };
}

function readLines(body) {
  const lines = body?.lines;
  const valid = Array.isArray(lines) && lines.length > 0 && lines.length <= 50 && lines.every(isLine);
  if (!valid) throw new HttpError(400, 'lines must be 1 to 50 of { sku, quantity }');
  return lines.map(({ sku, quantity }) => ({ sku, quantity }));
}

function isLine(line) {
  return typeof line?.sku === 'string' && Number.isInteger(line.quantity) && line.quantity > 0 && line.quantity <= 100;
}

await startService({
  name: 'pricing',
  port: Number(process.env.PORT ?? 8080),
  log,
  routes: [
    ['GET', '/products', forCustomers(products)],
    ['GET', '/products/:sku', forCustomers(product)],
    ['POST', '/carts', forCustomers(createCart)],
    ['POST', '/quotes', forCustomers(createQuote)],
  ],
  onStop: () => Promise.all([pool.end(), cache.quit()]),
});
