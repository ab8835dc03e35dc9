/** A certificate authority of one replay: made in memory, trusted inside the sandbox only, gone with it. */
import type { KeyObject } from 'node:crypto';
import { generateKeyPair } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { promisify } from 'node:util';
import type { Validity } from './certificate.ts';
import {
  hasKey,
  isAuthority,
  isFor,
  isNamed,
  isSignedBy,
  makeCertificate,
  signsCertificates,
  signsHandshakes,
} from './certificate.ts';

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

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** It is valid at each of `times` (Unix ms), and five years around: the service's time is one, the present another. */
export async function createAuthority(...times: readonly [number, ...(readonly number[])]): Promise<Authority> {
  const validity = {
    notBefore: new Date(Math.max(0, Math.min(...times) - 5 * YEAR_MS)),
    notAfter: new Date(Math.max(...times) + 5 * YEAR_MS),
  };
  const [rootKeys, leafKeys] = await Promise.all([makeKeys(), makeKeys()]);
  const root = makeRoot(rootKeys, validity);
  const leaves = new LeafMaker(root, rootKeys, leafKeys, validity);
  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    certificate: root,
    commonName: NAME,
    client: leaves.client(),
    contextFor(name, address = name) {
      const key = `${name} ${address}`;
      const known = contexts.get(key) ?? Promise.try(() => leaves.make(name, address));
      contexts.set(key, known);
      return known;
    },
  };
}

/** P-256: a leaf costs one signature, less than a millisecond. */
function makeKeys(): Promise<Keys> {
  return promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
}

function makeRoot(keys: Keys, validity: Validity): string {
  return makeCertificate({
    subject: NAME,
    issuer: NAME,
    validity,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [isAuthority(), signsCertificates(), hasKey(keys.publicKey)],
  });
}

/** All leaves share one key: a leaf then costs a signature and no key. */
class LeafMaker {
  readonly #root: string;
  readonly #rootKeys: Keys;
  readonly #keys: Keys;
  readonly #key: string;
  readonly #validity: Validity;

  constructor(root: string, rootKeys: Keys, keys: Keys, validity: Validity) {
    this.#root = root;
    this.#rootKeys = rootKeys;
    this.#keys = keys;
    this.#key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.#validity = validity;
  }

  make(name: string, address: string): SecureContext {
    const cert = this.#sign(name, SERVER_AUTH, [isNamed([...new Set([name, address])])]);
    return createSecureContext({ key: this.#key, cert });
  }

  client(): ClientCertificate {
    return { certificate: this.#sign('loop-replay-client', CLIENT_AUTH, []), key: this.#key };
  }

  /** The leaf and the root, PEM. */
  #sign(name: string, usage: string, more: readonly Buffer[]): string {
    const leaf = makeCertificate({
      subject: name.slice(0, 60).replace(/[^\w.:*-]/g, '_'),
      issuer: NAME,
      validity: this.#validity,
      publicKey: this.#keys.publicKey,
      signingKey: this.#rootKeys.privateKey,
      extensions: [...more, isFor(usage), signsHandshakes(), isSignedBy(this.#rootKeys.publicKey)],
    });
    return leaf + this.#root;
  }
}
