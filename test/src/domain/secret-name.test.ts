import { expect, it } from 'vitest';
import { isSecretName } from '../../../src/domain/secret-name.ts';

it.each([
  'DB_PASSWORD',
  'PGPASSWD',
  'MYSQL_PWD',
  'DB_PASS',
  'STRIPE_SECRET_KEY',
  'SECRET_KEY_BASE',
  'JWT_SECRET',
  'GITHUB_TOKEN',
  'MY_API_KEY',
  'apiKey',
  'AWS_ACCESS_KEY_ID',
  'TLS_PRIVATE_KEY',
  'SENTRY_DSN',
])('%s is a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

it.each([
  'REGION',
  'FEATURE_X',
  'TOKEN_TTL',
  'MAX_TOKENS',
  'PASSWORD_FILE',
  'PASSWORD_MIN_LENGTH',
  'TOKEN_URL',
  'KEYBOARD',
  'BYPASS',
  'PASSENGER',
])('%s is none', (name) => {
  expect(isSecretName(name)).toBe(false);
});
