import { expect, test } from 'vitest';
import { flagNames } from '../../../../src/wire/extproc/flags.ts';

// The masks are what Envoy 1.40.0 sent for each failure.
test.each([
  [0, []],
  [2, ['UH']],
  [4, ['UT']],
  [32, ['UF']],
  [64, ['UC']],
  [256, ['NR']],
  [32768, ['URX']],
  [32800, ['UF', 'URX']],
  [16777216, ['NC']],
  [2 ** 29, ['UDO']],
  [2 ** 30 + 2 ** 40, ['bit30', 'bit40']],
  [-1, []],
  [1.5, []],
  [NaN, []],
  [Infinity, []],
])('%d is %j', (mask, names) => {
  expect(flagNames(mask)).toEqual(names);
});
