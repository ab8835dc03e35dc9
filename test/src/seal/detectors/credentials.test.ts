import { expect, it } from 'vitest';
import { credentials } from '../../../../src/seal/detectors/credentials.ts';
import { found } from '../../../support/spans.ts';

it.each([
  ['Bearer x', ['x']],
  ['sent Bearer abcdefgh on', ['abcdefgh']],
  ['authorization: basic dXNlcjpwYXNz', ['dXNlcjpwYXNz']],
])('finds in %s', (text, secrets) => {
  expect(found(credentials, text)).toEqual(secrets);
});

it.each(['Bearer realm="shop"', 'the bearer of news', 'Bearer REDACTED(jwt.0123456789ab.64)', 'basic English'])(
  'leaves %s',
  (text) => {
    expect(found(credentials, text)).toEqual([]);
  },
);
