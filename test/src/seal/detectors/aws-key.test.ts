import { expect, it } from 'vitest';
import { awsKey } from '../../../../src/seal/detectors/aws-key.ts';
import { found } from '../../../support/spans.ts';

// The examples of Amazon's own documentation.
const ID = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const SECRET = ['wJalrXUtnFEMI/K7MDENG', '/bPxRfiCYEXAMPLEKEY'].join('');

it.each([
  [ID, [ID]],
  [`id=${ID}&x`, [ID]],
  [ID.replace('AKIA', 'ASIA'), [ID.replace('AKIA', 'ASIA')]],
  [`${ID},${SECRET}`, [ID, SECRET]],
  [`${ID}\n${SECRET}\n`, [ID, SECRET]],
])('finds in %s', (text, keys) => {
  expect(found(awsKey, text)).toEqual(keys);
});

it.each([`x${ID}`, `${ID}X`, ID.toLowerCase(), ID.slice(0, -1), SECRET, '0123456789abcdef0123456789abcdef01234567'])(
  'leaves %s',
  (text) => {
    expect(found(awsKey, text)).toEqual([]);
  },
);
