/** A certificate authority of one replay: made in memory, trusted inside the sandbox only, gone with it. */
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import * as x509 from '@peculiar/x509';

/** P-256: a leaf costs one signature, some milliseconds. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR_MS = 365 * 86_400_000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const NAME = 'Loop replay sandbox';

export interface Authority {
  /** PEM, to be trusted inside the sandbox. */
  readonly certificate: string;
  /** Its common name, which is all of its subject. */
  readonly commonName: string;
  /** For a service that shows one; PEM. The mocks ask for a certificate, and take any. */
  readonly client: ClientCertificate;
  /** A context for the server of that name or address, and of that address too; made once for both. */
  contextFor(name: string, address?: string): Promise<SecureContext>;
}

export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** It is valid at each of `times` (Unix ms), and five years around: the service's time is one, the present another. */
export async function createAuthority(...times: readonly [number, ...(readonly number[])]): Promise<Authority> {
  x509.cryptoProvider.set(globalThis.crypto);
  const validity = {
    notBefore: new Date(Math.max(0, Math.min(...times) - 5 * YEAR_MS)),
    notAfter: new Date(Math.max(...times) + 5 * YEAR_MS),
  };
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const root = await makeRoot(keys, validity);
  const leaves = await LeafMaker.create(root, keys, validity);
  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    certificate: pemOf(root),
    commonName: NAME,
    client: await leaves.client(),
    contextFor(name, address = name) {
      const key = `${name} ${address}`;
      const known = contexts.get(key) ?? leaves.make(name, address);
      contexts.set(key, known);
      return known;
    },
  };
}

async function makeRoot(keys: webcrypto.CryptoKeyPair, validity: Validity): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${NAME}`,
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

/** All leaves share one key: a leaf then costs a signature and no key. */
class LeafMaker {
  readonly #root: x509.X509Certificate;
  readonly #rootKeys: webcrypto.CryptoKeyPair;
  readonly #validity: Validity;
  readonly #publicKey: webcrypto.CryptoKey;
  readonly #privatePem: string;

  private constructor(
    root: x509.X509Certificate,
    rootKeys: webcrypto.CryptoKeyPair,
    validity: Validity,
    publicKey: webcrypto.CryptoKey,
    pem: string,
  ) {
    this.#root = root;
    this.#rootKeys = rootKeys;
    this.#validity = validity;
    this.#publicKey = publicKey;
    this.#privatePem = pem;
  }

  static async create(
    root: x509.X509Certificate,
    rootKeys: webcrypto.CryptoKeyPair,
    validity: Validity,
  ): Promise<LeafMaker> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const pem = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
    return new LeafMaker(root, rootKeys, validity, keys.publicKey, pem);
  }

  async make(name: string, address: string): Promise<SecureContext> {
    const names = [...new Set([name, address])].map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const);
    const cert = await this.#sign(name, SERVER_AUTH, [new x509.SubjectAlternativeNameExtension(names)]);
    return createSecureContext({ key: this.#privatePem, cert });
  }

  async client(): Promise<ClientCertificate> {
    return { certificate: await this.#sign('loop-replay-client', CLIENT_AUTH, []), key: `${this.#privatePem}\n` };
  }

  /** The leaf and the root, PEM. */
  async #sign(name: string, usage: string, more: readonly x509.Extension[]): Promise<string> {
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: `CN=${name.slice(0, 60).replace(/[^\w.:*-]/g, '_')}`,
      issuer: this.#root.subject,
      ...this.#validity,
      signingAlgorithm: ALGORITHM,
      publicKey: this.#publicKey,
      signingKey: this.#rootKeys.privateKey,
      extensions: [
        ...more,
        new x509.ExtendedKeyUsageExtension([usage]),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(this.#rootKeys.publicKey),
      ],
    });
    return pemOf(leaf) + pemOf(this.#root);
  }
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

/** Positive, as RFC 5280 asks: the first hex digit stays below 8. */
function serial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x10;
  return Buffer.from(bytes).toString('hex');
}
