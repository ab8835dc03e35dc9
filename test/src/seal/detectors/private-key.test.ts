import { expect, it } from 'vitest';
import { privateKey } from '../../../../src/seal/detectors/private-key.ts';
import { found } from '../../../support/spans.ts';

it.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'])(
  'finds a %s',
  (kind) => {
    const key = `-----BEGIN ${kind}-----\nMIIEvQ\n`;
    expect(found(privateKey, `a ${key}-----END ${kind}----- b`)).toEqual([key]);
    expect(found(privateKey, `cut ${key}`)).toEqual([key]);
    expect(found(privateKey, key.replaceAll('\n', '\\n'))).toHaveLength(1);
  },
);

it.each([
  '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----',
  '-----BEGIN CERTIFICATE-----',
  'BEGIN PRIVATE KEY',
])('leaves %s', (text) => {
  expect(found(privateKey, text)).toEqual([]);
});
