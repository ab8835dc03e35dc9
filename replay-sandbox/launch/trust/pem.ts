/** Certificates as text. */
import { rootCertificates } from 'node:tls';

const BLOCK = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([\s\S]*?)-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** What stands between the marks, as bytes, in order. */
export function derOf(pem: string): readonly Buffer[] {
  return [...pem.matchAll(BLOCK)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
}

/** A bundle with one more authority. Without any, those Node has of its own: a machine may have none in files. */
export function withAuthority(bundle: string | undefined, authority: string): string {
  const known = bundle ?? `${rootCertificates.join('\n')}\n`;
  return `${known}${known.endsWith('\n') ? '' : '\n'}${authority}`;
}
