/**
 * The name under which OpenSSL looks for an authority in a directory of them.
 * https://docs.openssl.org/3.0/man3/X509_NAME_hash/: the first four bytes, little endian, of SHA-1 over the canonical subject.
 */
import { createHash } from 'node:crypto';

const COMMON_NAME = Uint8Array.of(0x06, 0x03, 0x55, 0x04, 0x03);
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;

/** Of a subject that is one common name, shorter than 100 ASCII characters. Eight hex digits. */
export function commonNameHash(name: string): string {
  // Canonical: UTF-8, lower case, one space between words.
  const text = Buffer.from(name.trim().replace(/\s+/g, ' ').toLowerCase());
  const subject = tagged(SET, tagged(SEQUENCE, Buffer.concat([COMMON_NAME, tagged(UTF8_STRING, text)])));
  return createHash('sha1').update(subject).digest().readUInt32LE(0).toString(16).padStart(8, '0');
}

function tagged(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(tag, content.length), content]);
}
