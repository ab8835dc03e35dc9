import { setTimeout as delay } from 'node:timers/promises';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { HttpError } from '../kit/errors.js';

const ISSUER = 'https://accounts.shop';
const AUDIENCE = 'shop';

/**
 * Fetches the keys that tokens are verified with, once, at start-up: without them no request can be served.
 * @param {import('../kit/client.js').ServiceClient} accounts
 */
export async function fetchKeys(accounts, log, { attempts = 10, pauseMs = 500 } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const jwks = await accounts.call('GET', '/.well-known/jwks.json');
      log.info('keys fetched', { keys: jwks.keys.length });
      return createLocalJWKSet(jwks);
    } catch (error) {
      if (attempt === attempts) throw error;
      log.warn('keys not there yet', { attempt, error: error.message });
      await delay(pauseMs);
    }
  }
}

/** The customer a request speaks for. */
export async function customerOf(authorization, keys) {
  if (!authorization?.startsWith('Bearer ')) throw new HttpError(401, 'a token is needed');
  try {
    const { payload } = await jwtVerify(authorization.slice('Bearer '.length), keys, {
      issuer: ISSUER,
      audience: AUDIENCE,
    });
    return payload.sub;
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new HttpError(401, `token refused: ${error.message}`);
    throw error;
  }
}
