import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../../scripts/bootstrap/processes.mjs';
import { cached, run, texts } from './cached.ts';
import { driverPackage } from './toolchain.ts';
import type { Toolchain } from './toolchain.ts';

/** With the patch release: what a package needs besides may depend on it (async-timeout before 3.11.3). */
const WHERE = 'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3])';
const FLAGS = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore', '--only-binary=:all:'];

/** `requirements.txt` of the app, installed beside the machine's Python. Apps with the same requirements share one folder. */
export const python: Toolchain = async (app) => {
  const [program = '', release] = ask('python3', ['-c', WHERE])?.trim().split('\n') ?? [];
  if (release === undefined) return { kind: 'lacking', reason: 'there is no python3 on this machine' };
  const [, main = '', ...words] = app.command;
  const requirements = join(app.directory, 'requirements.txt');
  const parts = [release, ...texts(app.directory, 'requirements.txt')];
  const packages = cached('python', parts, (partial) =>
    existsSync(requirements)
      ? run([program, '-m', 'pip', 'install', ...FLAGS, '--target', partial, '-r', requirements], partial, {
          PIP_USER: '0',
        })
      : undefined,
  );
  return await Promise.resolve({
    kind: 'prepared',
    version: versionOf(packages, driverPackage(app)) ?? release,
    command: [program, join(app.directory, main), ...words],
    env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
  });
};

/** By the folder `<name>-<version>.dist-info`; its name may be spelt with other dashes. */
function versionOf(packages: string, name: string): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[-_.]+/g, '-');
  const found = readdirSync(packages)
    .map((entry) => /^(.+)-([^-]+)\.dist-info$/.exec(entry))
    .find((match) => plain(match?.[1] ?? '') === plain(name.replace(/\[.*/, '')));
  return found?.[2];
}
