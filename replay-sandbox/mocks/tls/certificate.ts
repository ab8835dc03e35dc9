/**
 * X.509 certificates (RFC 5280) with ECDSA on P-256. Written here, because every replay makes them before anything else can start, and the
 * libraries for it take longer to load than the rest of a replay's preparations.
 */
import type { KeyObject } from 'node:crypto';
import { createHash, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { bits, integer, objectId, octets, sequence, set, tagged, text, time, TRUE } from './der.ts';

const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = objectId('2.5.4.3');
/** Version 3, in its own tag. */
const V3 = tagged(0xa0, integer(2));
/** An uncompressed point on P-256, which ends a public key. */
const POINT_BYTES = 65;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface CertificateWishes {
  /** Common names. */
  readonly subject: string;
  readonly issuer: string;
  readonly validity: Validity;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** PEM. */
export function makeCertificate(wishes: CertificateWishes): string {
  const { subject, issuer, validity, publicKey, signingKey, extensions } = wishes;
  const signed = sequence(
    V3,
    integer(...serial()),
    ECDSA_SHA256,
    commonName(issuer),
    sequence(time(validity.notBefore), time(validity.notAfter)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const whole = sequence(signed, ECDSA_SHA256, bits(sign('sha256', signed, signingKey)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

export const isAuthority = (): Buffer => extension('2.5.29.19', sequence(TRUE), 'critical');

/** Certificates and lists of revoked ones. */
export const signsCertificates = (): Buffer => extension('2.5.29.15', bits(Uint8Array.of(0x06), 1), 'critical');

export const signsHandshakes = (): Buffer => extension('2.5.29.15', bits(Uint8Array.of(0x80), 7), 'critical');

export const isFor = (usage: string): Buffer => extension('2.5.29.37', sequence(objectId(usage)));

export const hasKey = (key: KeyObject): Buffer => extension('2.5.29.14', octets(keyId(key)));

export const isSignedBy = (key: KeyObject): Buffer => extension('2.5.29.35', sequence(tagged(0x80, keyId(key))));

/** Host names and addresses. */
export const isNamed = (names: readonly string[]): Buffer =>
  extension('2.5.29.17', sequence(...names.map((name) => alternative(name))));

function extension(id: string, value: Uint8Array, weight?: 'critical'): Buffer {
  return sequence(objectId(id), ...(weight === 'critical' ? [TRUE] : []), octets(value));
}

function commonName(name: string): Buffer {
  return sequence(set(sequence(COMMON_NAME, text(name))));
}

/** RFC 5280, 4.2.1.2, the first way: SHA-1 of the point. */
function keyId(key: KeyObject): Buffer {
  const point = key.export({ type: 'spki', format: 'der' }).subarray(-POINT_BYTES);
  return createHash('sha1').update(point).digest();
}

function alternative(name: string): Buffer {
  return isIP(name) === 0 ? tagged(0x82, Buffer.from(name, 'latin1')) : tagged(0x87, addressBytes(name));
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  // Of all the ways to write one, URL leaves hexadecimal groups and one gap.
  const [before = '', after] = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(before), groups(after ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** Positive, as RFC 5280 asks: the first hex digit stays below 8. */
function serial(): Uint8Array {
  const bytes = randomBytes(12);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x10;
  return bytes;
}
