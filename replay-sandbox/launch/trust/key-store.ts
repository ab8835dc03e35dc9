/**
 * A trust store as every Java reads it without being told its kind: JKS, written here, so that no keytool is needed.
 * The layout is that of sun.security.provider.JavaKeyStore (OpenJDK): magic, version 2, entries, and a SHA-1 that the password seasons.
 */
import { createHash } from 'node:crypto';

const MAGIC = 0xfeed_feed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
const SEASONING = 'Mighty Aphrodite';

/** What everybody's cacerts has. */
export const STORE_PASSWORD = 'changeit';

/** `certificates` as DER; `at`: Unix ms, when they are said to have been put in. */
export function keyStore(certificates: readonly Uint8Array[], at: number): Buffer {
  const body = Buffer.concat([
    uint32(MAGIC),
    uint32(VERSION),
    uint32(certificates.length),
    ...certificates.flatMap((certificate, index) => [
      uint32(TRUSTED_CERTIFICATE),
      text(`authority${index}`),
      uint64(at),
      text('X.509'),
      uint32(certificate.length),
      certificate,
    ]),
  ]);
  const password = Buffer.from(STORE_PASSWORD, 'utf16le').swap16();
  return Buffer.concat([body, createHash('sha1').update(password).update(SEASONING).update(body).digest()]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.trunc(value))));
  return bytes;
}

/** As DataOutput.writeUTF has it, of ASCII. */
function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value, 'latin1')]);
}
