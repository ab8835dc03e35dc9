import { glanced, type Span } from './detector.ts';

/**
 * Issuer ranges (ISO/IEC 7812): first digits and lengths. Without them one in ten long numbers (times, row ids, snowflakes) would pass
 * for a card. https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN)
 */
const ISSUERS: readonly (readonly [first: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]], // Discover
  [/^3(?:0[0-59]|[689])/, [14, 15, 16, 17, 18, 19]], // Diners Club
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]], // JCB
  [/^(?:62|81)/, [16, 17, 18, 19]], // UnionPay
  [/^(?:50[0-9]{2}|5[678]|6304|67)/, [13, 14, 15, 16, 17, 18, 19]], // Maestro
  [/^220[0-4]/, [16, 17, 18, 19]], // Mir
  [/^(?:60|82|508)/, [16]], // RuPay
  [/^(?:9792|1946)/, [16]], // Troy, BankCard
];

const MOST_DIGITS = 19;

/** Digits in groups, as people and forms write them. A fraction or a part of a longer word is no card. */
const RUN = /(?<!\w)(?<!\d\.)(?<!\d[ -])\d+(?:[ -]\d+)*(?!\w|\.\d)/g;

/** Card numbers: 13 to 19 digits, in groups or not, of a known issuer, with a right check digit. */
export const card = glanced('card', (text) => /\d(?:[ -]?\d){12}/.test(text), find);

/** The digits of a value that is a card number and nothing else. */
export function cardDigits(value: string): string | undefined {
  if (!/^\d(?:[ -]?\d){12,18}$/.test(value)) return undefined;
  const digits = value.replace(/\D/g, '');
  return isCard(digits) ? digits : undefined;
}

export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    sum += index % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 === 0;
}

function isCard(digits: string): boolean {
  const issued = ISSUERS.some(([first, lengths]) => lengths.includes(digits.length) && first.test(digits));
  return issued && passesLuhn(digits);
}

function* find(text: string): Generator<Span> {
  for (const found of text.matchAll(RUN)) yield* cardsIn(found[0], found.index);
}

/** A number may stand before or behind the card (`2 4111 1111 1111 1111`), so every group may begin one. */
function* cardsIn(run: string, offset: number): Generator<Span> {
  if (run.length < 13) return;
  const groups = [...run.matchAll(/\d+/g)];
  for (let first = 0; first < groups.length; first++) {
    const last = lastGroup(groups, first);
    const start = groups[first]?.index ?? 0;
    const end = (groups[last]?.index ?? 0) + (groups[last]?.[0].length ?? 0);
    if (last === -1) continue;
    yield { start: offset + start, end: offset + end };
    first = last;
  }
}

function lastGroup(groups: readonly RegExpExecArray[], first: number): number {
  let digits = '';
  for (let index = first; index < groups.length && digits.length < MOST_DIGITS; index++) {
    digits += groups[index]?.[0] ?? '';
    if (digits.length <= MOST_DIGITS && digits.length >= 13 && isCard(digits)) return index;
  }
  return -1;
}
