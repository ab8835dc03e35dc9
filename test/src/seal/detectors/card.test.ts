import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { card, cardDigits, passesLuhn } from '../../../../src/seal/detectors/card.ts';
import { found } from '../../../support/spans.ts';

// Numbers the issuers publish for tests.
const CARDS = [
  '4111111111111111',
  '4012888888881881',
  '4222222222222',
  '5555555555554444',
  '2223003122003222',
  '378282246310005',
  '6011111111111117',
  '30569309025904',
  '3530111333300000',
  '6200000000000005',
  '6759649826438453',
  '2201382000000013',
];

it.each(CARDS)('finds %s, in groups too', (number) => {
  const spaced = number.replace(/(\d{4})(?=\d)/g, '$1 ');
  for (const written of [number, spaced, spaced.replaceAll(' ', '-')]) {
    expect(found(card, written)).toEqual([written]);
    expect(found(card, `card ${written}, please`)).toEqual([written]);
    expect(found(card, `{"n":"${written}"}`)).toEqual([written]);
    expect(cardDigits(written)).toBe(number);
  }
});

describe('is not led astray by', () => {
  it.each([
    ['a number in front', '2 4111 1111 1111 1111', ['4111 1111 1111 1111']],
    ['a number behind', '4111 1111 1111 1111 123', ['4111 1111 1111 1111']],
    ['two in a row', '4111111111111111 5555555555554444', ['4111111111111111', '5555555555554444']],
    ['the end of a sentence', 'It was 4111111111111111.', ['4111111111111111']],
  ])('%s', (_what, text, cards) => {
    expect(found(card, text)).toEqual(cards);
  });
});

it.each([
  ['a wrong check digit', '4111111111111112'],
  ['no issuer', '1234567812345670'],
  ['a length the issuer does not have', '41111111111111'],
  ['too long', '41111111111111111111'],
  ['too short', '411111111117'],
  ['milliseconds', '1767322800000'],
  ['microseconds', '1767322800000000'],
  ['nanoseconds', '1767322800000000000'],
  ['a fraction', '0.4111111111111111'],
  ['an amount', '4111111111111111.50'],
  ['a part of a word', 'x4111111111111111'],
  ['hex', '4111111111111111a'],
  ['a span id of its letters', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['an ISBN', '978-3-16-148410-0'],
  ['a telephone number', '+49 170 1234567'],
  ['two spaces', '4111  1111  1111  1111'],
])('leaves %s: %s', (_what, text) => {
  expect(found(card, text)).toEqual([]);
  expect(cardDigits(text)).toBeUndefined();
});

it('Luhn notices every digit that was mistyped', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CARDS), fc.nat(12), fc.integer({ min: 1, max: 9 }), (number, place, more) => {
      const wrong = (Number(number[place]) + more) % 10;
      expect(passesLuhn(number)).toBe(true);
      expect(passesLuhn(number.slice(0, place) + String(wrong) + number.slice(place + 1))).toBe(false);
    }),
  );
});
