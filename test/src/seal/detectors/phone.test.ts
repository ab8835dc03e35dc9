import { expect, it } from 'vitest';
import { isPhone, phone } from '../../../../src/seal/detectors/phone.ts';
import { found } from '../../../support/spans.ts';

it.each([
  '+49 170 1234567',
  '+4917012345678',
  '+1 (212) 555-0100',
  '+1-212-555-0100',
  '+44 20 7946 0958',
  '+351 912 345 678',
  '+86.138.0013.8000',
])('finds %s', (number) => {
  expect(found(phone, number)).toEqual([number]);
  expect(found(phone, `call ${number}, or`)).toEqual([number]);
  expect(found(phone, `{"tel":"${number}"}`)).toEqual([number]);
  expect(isPhone(number)).toBe(true);
});

it.each([
  ['no country', '0170 1234567'],
  ['no such country code', '+210 1234567'],
  ['nor this one', '+999 12345678'],
  ['too short', '+49 12345'],
  ['too long', '+4917012345678901'],
  ['an offset of time', '2026-01-02T03:04:05+02:00'],
  ['an exponent', '1.5e+12345678'],
  ['a sum', '1+491701234567'],
  ['a version', '1.2.3+491701234567'],
  ['a part of a word', '+491701234567x'],
])('leaves %s: %s', (_what, text) => {
  expect(found(phone, text)).toEqual([]);
});
