import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { driverPackage } from './toolchain.ts';
import type { Toolchain } from './toolchain.ts';

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** Drivers are the repository's own devDependencies. */
export const node: Toolchain = async (app) => {
  const [, main = '', ...words] = app.command;
  const version = versionOf(driverPackage(app));
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', join(app.directory, main), ...words];
  return await Promise.resolve({ kind: 'prepared', version, command, env: {} });
};

/** Read as a file: many packages do not export their package.json. What Node brings itself (undici's WebSocket) is of its version. */
function versionOf(name: string): string {
  if (name === 'node') return process.versions.node;
  const file = join(MODULES, name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
