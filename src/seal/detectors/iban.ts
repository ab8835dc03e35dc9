import { glanced, type Span } from './detector.ts';

/** Length by country. https://www.swift.com/resource/iban-registry-pdf (release 98) */
const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 ' +
    'SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Country and check digits; the rest is taken one by one, with at most one space between. */
const BEGINNING = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}/g;

/** International bank account numbers of the length their country has, with right check digits (ISO 13616, mod 97). */
export const iban = glanced('iban', (text) => text.length >= 15 && /\d{2} ?[\dA-Za-z]{4} ?\d/.test(text), find);

/** The number without spaces, in capitals, of a value that is one and nothing else. */
export function ibanOf(value: string): string | undefined {
  const [span] = find(value);
  return span?.start === 0 && span.end === value.length ? compact(value) : undefined;
}

function* find(text: string): Generator<Span> {
  for (const { 0: beginning, index } of text.matchAll(BEGINNING)) {
    const length = LENGTHS[beginning.slice(0, 2).toUpperCase()];
    const end = length === undefined ? undefined : endOf(text, index, length);
    if (end !== undefined && isValid(compact(text.slice(index, end)))) yield { start: index, end };
  }
}

function endOf(text: string, start: number, length: number): number | undefined {
  let at = start;
  for (let taken = 0; taken < length; taken++) {
    if (text[at] === ' ' && taken > 0) at++;
    if (!/[A-Za-z0-9]/.test(text[at] ?? '')) return undefined;
    at++;
  }
  return /[A-Za-z0-9]/.test(text[at] ?? '') ? undefined : at;
}

function isValid(number: string): boolean {
  let rest = 0;
  for (const character of number.slice(4) + number.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

function compact(text: string): string {
  return text.replaceAll(' ', '').toUpperCase();
}
