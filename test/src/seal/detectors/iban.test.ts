import { expect, it } from 'vitest';
import { iban, ibanOf } from '../../../../src/seal/detectors/iban.ts';
import { found } from '../../../support/spans.ts';

// Examples of the registry.
it.each([
  'DE89370400440532013000',
  'DE89 3704 0044 0532 0130 00',
  'GB82 WEST 1234 5698 7654 32',
  'NO9386011117947',
  'FR1420041010050500013M02606',
  'MT84MALT011000012345MTLCAST001S',
  'de89370400440532013000',
])('finds %s', (number) => {
  expect(found(iban, number)).toEqual([number]);
  expect(found(iban, `pay to ${number} today`)).toEqual([number]);
  expect(ibanOf(number)).toBe(number.replaceAll(' ', '').toUpperCase());
});

it.each([
  ['wrong check digits', 'DE88370400440532013000'],
  ['too short', 'DE8937040044053201300'],
  ['too long', 'DE893704004405320130001'],
  ['no country', 'XX89370400440532013000'],
  ['a part of a word', 'xDE89370400440532013000'],
  ['two spaces', 'DE89  3704 0044 0532 0130 00'],
  ['a commit', 'de89370400440532013000ab'],
])('leaves %s: %s', (_what, text) => {
  expect(found(iban, text)).toEqual([]);
  expect(ibanOf(text)).toBeUndefined();
});
