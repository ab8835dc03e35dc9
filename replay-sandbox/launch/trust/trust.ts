/** Files that make the sandbox's authority trusted inside it, and nowhere else: each runtime reads another. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownDirectory } from '../../own-directory.ts';
import type { LaunchPart } from '../part.ts';
import { javaStores } from './java.ts';
import { keyStore, STORE_PASSWORD } from './key-store.ts';
import { derOf, withAuthority } from './pem.ts';
import type { Lookout } from './programs.ts';
import { realPath } from './programs.ts';
import { pythonBundles } from './python.ts';
import { commonNameHash } from './subject-hash.ts';

/** Bundles that runtimes and libraries read; the sandbox shows ours in their place. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/share/certs/ca-root-nss.crt',
] as const;

/** Directories with a file per authority, as OpenSSL's `c_rehash` names them. */
const SYSTEM_DIRECTORIES = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

/** Who is to be believed, and who the service is where it is asked for a certificate. PEM. */
export interface Identity {
  readonly certificate: string;
  readonly commonName: string;
  readonly client: { readonly certificate: string; readonly key: string };
}

/** Places of the files, as the service sees them. */
export interface TrustPaths {
  readonly ca: string;
  readonly bundle: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

export interface TrustFiles {
  readonly part: LaunchPart;
  readonly paths: TrustPaths;
  /** File of this machine -> ours, for those it has. */
  readonly binds: ReadonlyMap<string, string>;
  remove(): void;
}

/** `at`: Unix ms. */
export function writeTrustFiles(identity: Identity, lookout: Lookout, at: number): TrustFiles {
  const directory = ownDirectory('trust');
  const write = (name: string, content: string | Uint8Array, mode = 0o644): string => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode });
    return path;
  };
  const bundles = new Set(SYSTEM_BUNDLES.flatMap((path) => realPath(path) ?? []));
  const [system] = bundles;
  const whole = withAuthority(system === undefined ? undefined : readFileSync(system, 'utf8'), identity.certificate);
  const paths = {
    ca: write('authority.pem', identity.certificate),
    bundle: write('bundle.pem', whole),
    clientCert: write('client.pem', identity.client.certificate),
    clientKey: write('client-key.pem', identity.client.key, 0o600),
  };
  const store = write('trust.jks', keyStore(derOf(whole), at));
  mkdirSync(join(directory, 'certs'));
  const hashed = write(`certs/${commonNameHash(identity.commonName)}.0`, identity.certificate);
  const python = pythonBundles(lookout).map((path, index): [string, string] => [
    path,
    write(`python-${index}.pem`, withAuthority(readFileSync(path, 'utf8'), identity.certificate)),
  ]);
  return {
    part: {
      env: variables(paths, store, [join(hashed, '..'), ...SYSTEM_DIRECTORIES.filter((path) => realPath(path))]),
    },
    paths,
    binds: new Map([
      ...[...bundles].map((path): [string, string] => [path, paths.bundle]),
      ...javaStores(lookout).map((path): [string, string] => [path, store]),
      ...python,
    ]),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function variables(
  { ca, bundle, clientCert, clientKey }: TrustPaths,
  store: string,
  directories: readonly string[],
): Readonly<Record<string, string>> {
  return {
    NODE_EXTRA_CA_CERTS: ca,
    // OpenSSL, and what reads its variables: Python, Ruby, PHP, Go, .NET, Rust with native roots.
    SSL_CERT_FILE: bundle,
    SSL_CERT_DIR: directories.join(':'),
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    AWS_CA_BUNDLE: bundle,
    NIX_SSL_CERT_FILE: bundle,
    DENO_CERT: ca,
    // gRPC's C core, so Python's, Ruby's and PHP's, brings roots of its own.
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: bundle,
    // A Java of another place than those that are known. What the command itself says of trust stores wins.
    JAVA_TOOL_OPTIONS: [
      `-Djavax.net.ssl.trustStore=${store}`,
      '-Djavax.net.ssl.trustStoreType=JKS',
      `-Djavax.net.ssl.trustStorePassword=${STORE_PASSWORD}`,
    ].join(' '),
    LOOP_CA: ca,
    LOOP_CLIENT_CERT: clientCert,
    LOOP_CLIENT_KEY: clientKey,
  };
}
