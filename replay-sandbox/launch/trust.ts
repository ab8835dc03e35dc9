/** Files that make the sandbox's authority trusted inside it, and nowhere else. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchPart } from './part.ts';

/** Bundles that runtimes and libraries read; the sandbox shows ours in their place. */
const SYSTEM_CA_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
] as const;

export interface TrustFiles {
  readonly part: LaunchPart;
  /** System bundle -> ours, for those this machine has. */
  readonly binds: ReadonlyMap<string, string>;
  remove(): void;
}

export function writeTrustFiles(certificate: string): TrustFiles {
  const directory = mkdtempSync(join(tmpdir(), 'loop-trust-'));
  const present = SYSTEM_CA_BUNDLES.filter((path) => existsSync(path));
  const [system] = present;
  const authorityFile = join(directory, 'authority.pem');
  const bundleFile = join(directory, 'bundle.pem');
  writeFileSync(authorityFile, certificate);
  writeFileSync(bundleFile, `${system === undefined ? '' : readFileSync(system, 'utf8')}${certificate}`);
  return {
    part: {
      env: {
        NODE_EXTRA_CA_CERTS: authorityFile,
        SSL_CERT_FILE: bundleFile,
        REQUESTS_CA_BUNDLE: bundleFile,
        // gRPC's C core, so Python's, Ruby's and PHP's, brings roots of its own.
        GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: bundleFile,
      },
    },
    binds: new Map(present.map((path) => [path, bundleFile])),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
