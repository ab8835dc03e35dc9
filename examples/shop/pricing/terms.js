/** The terms of a coupon's campaign: kept in the database, asked for with every quote, so cached. */
import { HttpError } from '../kit/errors.js';
import { findTerms } from './store.js';

const CACHED_S = 300;

/**
 * @param {import('ioredis').Redis} cache
 * @param {{ query: Function }} db
 * @returns {Promise<{ v: number, minimumCents: number, mostCents: number }>} the least that a cart must cost, and the most that is taken off
 */
export async function termsOf(cache, db, code) {
  const key = `terms:${code}`;
  const cached = await cache.get(key);
  if (cached !== null) return JSON.parse(cached);
  const found = await findTerms(db, code);
  if (found === undefined) throw new HttpError(422, `coupon ${code} belongs to no campaign`);
  const terms = { v: 2, ...found };
  await cache.set(key, JSON.stringify(terms), 'EX', CACHED_S);
  return terms;
}
