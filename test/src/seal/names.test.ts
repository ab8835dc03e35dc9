import { expect, it } from 'vitest';
import { isSecretName } from '../../../src/seal/names.ts';

it.each([
  'authorization', 'Proxy-Authorization', 'cookie', 'Set-Cookie', 'x-api-key', 'X_API_KEY', 'apiKey', 'password', 'PASSWD', 'pwd', 'new_password2',
  'secret', 'client_secret', 'clientSecret', 'token', 'access_token', 'refreshToken', 'x-amz-security-token', 'bearer', 'api_key', 'credentials',
  'private_key', 'session', 'sessionid', 'JSESSIONID', 'csrf', 'x-csrf-token', 'xsrf', 'credit', 'card', 'cardNumber', 'card-no', 'auth', 'x-auth', 'userAuth',
  'principal', 'AWSAccessKeyId', 'Signature', 'X-Goog-Signature', 'user[password]', 'wsse:Password', 'cvv', 'sid', 'sig',
])('%s is secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

it.each([
  ':authority', 'author', 'authority', 'discard', 'cardinality', 'creditor', 'principle', 'host', 'traceparent', 'x-request-id', 'user-agent',
  'idempotency-key', 'content-type', 'side', 'design', 'pinned', 'passenger', 'compass', '',
])('%s is not', (name) => {
  expect(isSecretName(name)).toBe(false);
});
