/** A server's certificate with an authority of its own, as files want it. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface Certificate {
  /** PEM of the authority, of the server's certificate, and of its key. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export async function makeCertificate(name: string): Promise<Certificate> {
  x509.cryptoProvider.set(globalThis.crypto);
  const [root, leaf] = await Promise.all([newKeys(), newKeys()]);
  const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=An authority of a test',
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: root,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: authority.subject,
    ...validity,
    signingAlgorithm: ALGORITHM,
    publicKey: leaf.publicKey,
    signingKey: root.privateKey,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', leaf.privateKey), 'PRIVATE KEY');
  return { ca: `${authority.toString('pem')}\n`, certificate: `${certificate.toString('pem')}\n`, key: `${key}\n` };
}

function newKeys() {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
