import { expect, it } from 'vitest';
import { knownKey } from '../../../../src/seal/detectors/known-key.ts';
import { found } from '../../../support/spans.ts';

/** Put together here, or other people's scanners would find them in this file. */
const KEYS: readonly (readonly [provider: string, ...pieces: readonly string[]])[] = [
  ['GitHub', 'ghp_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'],
  ['GitLab', 'glpat-', 'a1B2c3D4e5F6g7H8i9J0'],
  ['Slack', 'xoxb-', '123456789012-1234567890123-abcdefghijABCDEFGHIJabcd'],
  ['Stripe', 'sk_live_', 'a1B2c3D4e5F6g7H8i9J0k1L2'],
  ['npm', 'npm_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'],
  ['SendGrid', 'SG.', 'a1B2c3D4e5F6g7H8i9J0k1.', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8a1B2c3D'],
  ['Hugging Face', 'hf_', 'aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH'],
];

it.each(KEYS)('finds a key of %s', (_provider, ...pieces) => {
  const key = pieces.join('');
  expect(found(knownKey, key)).toEqual([key]);
  expect(found(knownKey, `{"a":"${key}","b":1}`)).toEqual([key]);
});

it.each(KEYS)('leaves the beginning of a key of %s', (_provider, ...pieces) => {
  expect(found(knownKey, pieces.join('').slice(0, 12))).toEqual([]);
});

it('takes no orders from a text', () => {
  const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
  expect(found(knownKey, `/* secretlint-disable */ ${key}`)).toEqual([key]);
});
