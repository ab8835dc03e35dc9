/** A certificate authority of one replay: made in memory, trusted inside the sandbox only, gone with it. */
import 'reflect-metadata';
import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import * as x509 from '@peculiar/x509';

/** P-256: a leaf costs one signature, some milliseconds. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR_MS = 365 * 86_400_000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export interface Authority {
  /** PEM, to be trusted inside the sandbox. */
  readonly certificate: string;
  /** A context for the server of that name or address; made once per name. */
  contextFor(name: string): Promise<SecureContext>;
}

/** Validity spans ten years around `around` (Unix ms), so that it holds for the recorded time and the present one. */
export async function createAuthority(around: number): Promise<Authority> {
  x509.cryptoProvider.set(globalThis.crypto);
  const validity = { notBefore: new Date(around - 5 * YEAR_MS), notAfter: new Date(around + 5 * YEAR_MS) };
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=Loop replay sandbox',
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const certificate = `${root.toString('pem')}\n`;
  const leafKeys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const leafKey = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', leafKeys.privateKey), 'PRIVATE KEY');
  const contexts = new Map<string, Promise<SecureContext>>();

  const issue = async (name: string): Promise<SecureContext> => {
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: `CN=${name.slice(0, 60).replace(/[^\w.:*-]/g, '_')}`,
      issuer: root.subject,
      ...validity,
      signingAlgorithm: ALGORITHM,
      publicKey: leafKeys.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: isIP(name) ? 'ip' : 'dns', value: name }]),
        new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return createSecureContext({ key: leafKey, cert: `${leaf.toString('pem')}\n${certificate}` });
  };
  return {
    certificate,
    contextFor(name) {
      const known = contexts.get(name) ?? issue(name);
      contexts.set(name, known);
      return known;
    },
  };
}

/** Positive, as RFC 5280 asks: the first hex digit stays below 8. */
function serial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x10;
  return Buffer.from(bytes).toString('hex');
}
