/**
 * Tokens that keep the shape of what they stand for. Each can be told from an original by whoever has the key, so that it is never
 * tokenised again, and by anyone who looks twice:
 *
 *     card   7777 and digits, as many as the card had, failing Luhn; no issuer has 7777, and
 *            16 digits that begin so are a number JavaScript holds
 *     uuid   xxxxxxxx-xxxx-8ed0-aced-xxxxxxxxxxxx, version 8 (RFC 9562, 5.8: free to use)
 *     jwt    the header and claims as they may be shown, and a signature that says `redacted`
 */
import { passesLuhn } from './detectors/card.ts';

/** HMAC-SHA256 under the loop's redaction key. */
export type Mark = (value: string) => Buffer;

const CARD_PREFIX = '7777';
const CARD_CHECK_DIGITS = 4;

export function cardShape(digits: string, mark: Mark): string {
  const free = digits.length - CARD_PREFIX.length - CARD_CHECK_DIGITS;
  const hash = (mark(digits).readBigUInt64BE() % 10n ** BigInt(free)).toString().padStart(free, '0');
  return sealDigits(CARD_PREFIX + hash, mark);
}

export function isCardShape(value: string, mark: Mark): boolean {
  if (!/^7777\d{9,15}$/.test(value)) return false;
  return sealDigits(value.slice(0, -CARD_CHECK_DIGITS), mark) === value;
}

/** The check digits say that we made it; they are moved on by one where the whole would pass for a card. */
function sealDigits(body: string, mark: Mark): string {
  const check = mark(`card ${body}`).readUInt32BE() % 10_000;
  const [first, second] = [check, (check + 1) % 10_000].map(
    (number) => body + String(number).padStart(CARD_CHECK_DIGITS, '0'),
  );
  return first !== undefined && !passesLuhn(first) ? first : (second ?? body);
}

export function uuidShape(uuid: string, mark: Mark): string {
  const hash = mark(uuid).toString('hex').slice(0, 12);
  return `${hash.slice(0, 8)}-${hash.slice(8)}-8ed0-aced-${uuidCheck(hash, mark)}`;
}

export function isUuidShape(value: string, mark: Mark): boolean {
  const [, high = '', low = '', check] = /^([0-9a-f]{8})-([0-9a-f]{4})-8ed0-aced-([0-9a-f]{12})$/.exec(value) ?? [];
  return check !== undefined && check === uuidCheck(high + low, mark);
}

function uuidCheck(hash: string, mark: Mark): string {
  return mark(`uuid ${hash}`).toString('hex').slice(0, 12);
}

/** Undefined for what has no claims to show: cut off, encrypted, or no JSON. */
export function jwtShape(jwt: string, mark: Mark, claims: (json: string) => string): string | undefined {
  const [header, payload, signature, ...rest] = jwt.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const shown = [header, payload].map((piece) => shownPiece(piece, claims));
  if (shown.includes(undefined)) return undefined;
  return [...shown, encode(`redacted ${mark(jwt).toString('hex').slice(0, 12)}`)].join('.');
}

export function isJwtShape(value: string): boolean {
  const signature = /^eyJ[\w-]+\.eyJ[\w-]+\.([\w-]{28,40})$/.exec(value)?.[1];
  return (
    signature !== undefined && /^redacted [0-9a-f]{12}$/.test(Buffer.from(signature, 'base64url').toString('latin1'))
  );
}

function shownPiece(piece: string, claims: (json: string) => string): string | undefined {
  const json = Buffer.from(piece, 'base64url').toString('utf8');
  try {
    return encode(JSON.stringify(JSON.parse(claims(json))));
  } catch {
    return undefined;
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
