/** Files that make the sandbox's authority trusted inside it, and nowhere else. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_CA_BUNDLES } from './environment.ts';

export interface TrustFiles {
  readonly authorityFile: string;
  readonly bundleFile: string;
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
    authorityFile,
    bundleFile,
    binds: new Map(present.map((path) => [path, bundleFile])),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
