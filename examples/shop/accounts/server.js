/** Logs users in: signs tokens (ES256) and publishes the key they are verified with. */
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose';
import { HttpError } from '../kit/errors.js';
import { createLog } from '../kit/log.js';
import { startService } from '../kit/service.js';
import { loadUsers, passwordMatches } from './users.js';

const ISSUER = 'https://accounts.shop';
const AUDIENCE = 'shop';
const SESSION_SECONDS = 12 * 3600;

const log = createLog('accounts');
const users = await loadUsers();
const { privateKey, publicKey } = await generateKeyPair('ES256');
const publicJwk = await exportJWK(publicKey);
const kid = await calculateJwkThumbprint(publicJwk);
const jwks = { keys: [{ ...publicJwk, kid, alg: 'ES256', use: 'sig' }] };
const keys = createLocalJWKSet(jwks);

async function login({ body }) {
  const { email, password, expiresIn = SESSION_SECONDS } = body ?? {};
  if (typeof email !== 'string' || typeof password !== 'string')
    throw new HttpError(400, 'email and password are needed');
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > SESSION_SECONDS) {
    throw new HttpError(400, `expiresIn must be 1 to ${SESSION_SECONDS} seconds`);
  }
  const user = users.get(email);
  if (user === undefined || !(await passwordMatches(user, password)))
    throw new HttpError(401, 'unknown user or wrong password');
  const token = await new SignJWT({ email: user.email })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(user.id)
    .setIssuedAt()
    .setExpirationTime(`${expiresIn}s`)
    .sign(privateKey);
  return { status: 200, body: { token, expiresIn } };
}

async function me({ headers }) {
  const token = headers.authorization?.replace(/^Bearer /, '');
  if (token === undefined) throw new HttpError(401, 'a token is needed');
  try {
    const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE });
    return { status: 200, body: { id: payload.sub, email: payload.email } };
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new HttpError(401, error.message);
    throw error;
  }
}

await startService({
  name: 'accounts',
  port: Number(process.env.PORT ?? 8080),
  log,
  routes: [
    ['POST', '/login', login],
    ['GET', '/me', me],
    ['GET', '/.well-known/jwks.json', () => ({ status: 200, body: jwks })],
  ],
});
