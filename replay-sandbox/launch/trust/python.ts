/**
 * Bundles that Python's packages bring themselves. requests, httpx and others read certifi's whatever the system has, and some
 * sessions are told not to look at the environment: so the files themselves are shown with one more authority.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Lookout } from './programs.ts';
import { listed, realPath, whichProgram } from './programs.ts';

/** In a directory of packages. Not pip's own: it has nothing to ask for in a replay. */
const BUNDLES = [
  'certifi/cacert.pem',
  'botocore/cacert.pem',
  'httplib2/cacerts.txt',
  'stripe/data/ca-certificates.crt',
  'grpc/_cython/_credentials/roots.pem',
] as const;

const PACKAGES = ['site-packages', 'dist-packages'] as const;

/** Those that are there, for every interpreter the service may be run by. */
export function pythonBundles(lookout: Lookout): readonly string[] {
  const packages = [...prefixes(lookout).flatMap(packagesOf), ...loose(lookout)];
  const files = packages.flatMap((directory) => BUNDLES.map((bundle) => join(directory, bundle)));
  return [...new Set(files.flatMap((file) => realPath(file) ?? []))].filter(isBundle);
}

/** By what it holds: a link in a project may lead to any file, and what cannot be read is nobody's bundle. */
function isBundle(path: string): boolean {
  try {
    const text = readFileSync(path, 'utf8');
    return text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('PRIVATE KEY-----');
  } catch {
    return false;
  }
}

/** Of each interpreter and virtual environment: the directory that has its `lib`. */
function prefixes(lookout: Lookout): readonly string[] {
  const { env, homeDirectory } = lookout;
  const named = [env['VIRTUAL_ENV'], env['CONDA_PREFIX'], env['UV_PROJECT_ENVIRONMENT']];
  const environments = [
    ...near(lookout),
    ...listed(join(homeDirectory, '.cache/pypoetry/virtualenvs')),
    ...listed(join(homeDirectory, '.local/share/virtualenvs')),
  ].filter((directory) => existsSync(join(directory, 'pyvenv.cfg')));
  const interpreters = [lookout.command[0] ?? '', 'python3', 'python'].flatMap((name) =>
    interpreterPrefixes(name, lookout),
  );
  return [
    ...named.filter((prefix) => prefix !== undefined),
    ...environments,
    ...environments.flatMap((directory) => baseOf(directory) ?? []),
    ...interpreters,
    ...listed(join(env['PYENV_ROOT'] ?? join(homeDirectory, '.pyenv'), 'versions')),
    join(homeDirectory, '.local'),
    '/usr/local',
    '/usr',
  ];
}

/** A virtual environment's `bin/python` is a link to the interpreter it was made with, whose packages it may use. */
function interpreterPrefixes(name: string, lookout: Lookout): readonly string[] {
  const program = name === '' ? undefined : whichProgram(name, lookout);
  if (program === undefined) return [];
  return [program, realPath(program) ?? program].map((path) => dirname(dirname(path)));
}

function baseOf(environment: string): string | undefined {
  try {
    const home = /^home\s*=\s*(.+)$/m.exec(readFileSync(join(environment, 'pyvenv.cfg'), 'utf8'))?.[1];
    return home === undefined ? undefined : dirname(home.trim());
  } catch {
    return undefined;
  }
}

function packagesOf(prefix: string): readonly string[] {
  return ['lib', 'lib64'].flatMap((lib) =>
    listed(join(prefix, lib))
      .filter((directory) => /^(?:python|pypy)\d*(?:\.\d+)?t?$/.test(basename(directory)))
      .flatMap((directory) => PACKAGES.map((packages) => join(directory, packages))),
  );
}

/** Packages that lie in a directory of their own: `pip install --target`, named by PYTHONPATH or beside the service. */
function loose(lookout: Lookout): readonly string[] {
  return [...(lookout.env['PYTHONPATH'] ?? '').split(':').filter((path) => path !== ''), ...near(lookout)];
}

/** The project, the service's directory, and what lies right below them. */
function near({ workingDirectory, projectDirectory }: Lookout): readonly string[] {
  const places = [...new Set([projectDirectory, workingDirectory])];
  return [...places, ...places.flatMap(listed)];
}
