/** What proves who somebody is, and how it is compared. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Random bytes from outside. */
export type Random = (bytes: number) => Uint8Array;

const SECRET_BYTES = 32;
const ID_BYTES = 8;
const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';
const TOKEN = /^loop_([0-9a-hjkmnp-tv-z]{8})_[A-Za-z0-9_-]{43}$/;

/** 256 bits, which nobody guesses. */
export function newSecret(random: Random): string {
  return Buffer.from(random(SECRET_BYTES)).toString('base64url');
}

/** 8 characters that tell one thing from another and prove nothing. */
export function newId(random: Random): string {
  return Array.from(random(ID_BYTES), (byte) => BASE32[byte & 31]).join('');
}

/** `loop_<id>_<secret>`: the id stands in it so that a token that turns up somewhere can be revoked by whoever finds it. */
export function tokenText(id: string, secret: string): string {
  return `loop_${id}_${secret}`;
}

export function idInToken(text: string): string | undefined {
  return TOKEN.exec(text)?.[1];
}

/** SHA-256, hex. Enough for random 256 bits; a password would need more. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** In time that does not tell how much of it is right. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(one), 'hex'), Buffer.from(digestOf(other), 'hex'));
}
