/** gRPC of Python, brought from the package index once and kept beside the other tools. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, fillOnce } from '../../scripts/bootstrap/cache.mjs';
import { withLock } from '../../scripts/bootstrap/lock.mjs';
import { ask, progress, runQuietly } from '../../scripts/bootstrap/processes.mjs';

const VERSION = '1.85.1';

/** What to set PYTHONPATH to. Throws when this machine has no Python, or cannot reach the index the first time. */
export function grpcioPath(): string {
  return pythonPath('grpcio', ['grpcio']);
}

/** The same with protoc (`python3 -m grpc_tools.protoc`) and server reflection. */
export function grpcioToolsPath(): string {
  return pythonPath('grpcio-tools', ['grpcio', 'grpcio-tools', 'grpcio-reflection']);
}

function pythonPath(name: string, packages: readonly string[]): string {
  const python = ask('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])?.trim();
  if (python === undefined) throw new Error('There is no python3 on this machine.');
  const folder = join(cacheRoot(process.env), `${name}-${VERSION}-python${python}-${process.platform}-${process.arch}`);
  if (existsSync(folder)) return folder;
  const fill = (partial: string): void => {
    progress(`downloading ${name} ${VERSION} for Python ${python} (once, into the cache)`);
    const flags = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore', '--only-binary=:all:'];
    const args = [
      '-m',
      'pip',
      'install',
      ...flags,
      '--target',
      partial,
      ...packages.map((one) => `${one}==${VERSION}`),
    ];
    const failure = runQuietly('python3', args, { env: { ...process.env, PIP_USER: '0' } });
    if (failure !== undefined || !existsSync(join(partial, 'grpc')))
      throw new Error(`${name} ${VERSION} could not be brought (${failure ?? 'the package is empty'}).`);
  };
  // Two files at a time may want it: the second waits instead of bringing it again.
  withLock(cacheRoot(process.env), folder, () => fillOnce(folder, fill));
  return folder;
}
