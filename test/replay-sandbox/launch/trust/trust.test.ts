import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { javaStores } from '../../../../replay-sandbox/launch/trust/java.ts';
import { keyStore } from '../../../../replay-sandbox/launch/trust/key-store.ts';
import { derOf, withAuthority } from '../../../../replay-sandbox/launch/trust/pem.ts';
import type { Lookout } from '../../../../replay-sandbox/launch/trust/programs.ts';
import { pythonBundles } from '../../../../replay-sandbox/launch/trust/python.ts';
import { commonNameHash } from '../../../../replay-sandbox/launch/trust/subject-hash.ts';
import { writeTrustFiles } from '../../../../replay-sandbox/launch/trust/trust.ts';
import { createAuthority } from '../../../../replay-sandbox/mocks/tls/authority.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

const authority = await createAuthority(Date.now());

/** What the program says; undefined where this machine has none. */
function said(program: string, ...words: readonly string[]): string | undefined {
  try {
    return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function file(path: string, text: string | Uint8Array = authority.certificate): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

function lookout(more: Partial<Lookout> = {}): Lookout & { readonly root: string } {
  const root = temporaryDirectory();
  const project = join(root, 'project');
  mkdirSync(project);
  const places = { workingDirectory: project, projectDirectory: project, homeDirectory: join(root, 'home') };
  return { root, command: [], env: {}, ...places, ...more };
}

describe('a trust store for Java', () => {
  const two = [...derOf(authority.certificate), ...derOf(rootCertificates[0] ?? '')];

  it('is read by its own keytool', () => {
    const path = file(join(temporaryDirectory(), 'trust.jks'), keyStore(two, Date.UTC(2024, 0, 1)));
    const listed = said('keytool', '-list', '-keystore', path, '-storepass', 'changeit', '-storetype', 'JKS');
    if (listed === undefined) return;
    const prints = two.map((der) => new X509Certificate(der).fingerprint256);
    for (const print of prints) expect(listed).toContain(print);
    expect(listed.match(/trustedCertEntry/g)).toHaveLength(2);
  });

  it('has an end that changes with every byte', () => {
    const [one = [], other = []] = [0, 1].map((at) => [...keyStore(two, at).subarray(-20)]);
    expect(one).not.toEqual(other);
  });
});

describe('the name by which OpenSSL finds an authority', () => {
  it.runIf(said('openssl', 'version') !== undefined)('is the one it computes itself', () => {
    const path = file(join(temporaryDirectory(), 'ca.pem'), authority.certificate);
    const hash = said('openssl', 'x509', '-hash', '-noout', '-in', path);
    expect(`${commonNameHash(authority.commonName)}\n`).toBe(hash);
  });

  it('does not mind case and spaces', () => {
    expect(commonNameHash('  Loop   replay SANDBOX ')).toBe(commonNameHash('Loop replay sandbox'));
  });
});

describe('a bundle', () => {
  it('of this machine has one more authority, on a line of its own', () => {
    expect(withAuthority('old', 'new\n')).toBe('old\nnew\n');
    expect(withAuthority('old\n', 'new\n')).toBe('old\nnew\n');
  });

  it('of a machine without any has Node’s', () => {
    expect(derOf(withAuthority(undefined, authority.certificate))).toHaveLength(rootCertificates.length + 1);
  });
});

const STORE = keyStore([], 0);

describe('where Java’s stores are', () => {
  it('no file of another kind', () => {
    const found = lookout();
    const path = file(join(found.root, 'jdk/lib/security/cacerts'), 'a key');
    expect(javaStores({ ...found, env: { JAVA_HOME: join(found.root, 'jdk') } })).not.toContain(path);
  });

  it.each(['lib/security/cacerts', 'jre/lib/security/cacerts'])('%s of JAVA_HOME', (store) => {
    const found = lookout();
    const path = file(join(found.root, 'jdk', store), STORE);
    expect(javaStores({ ...found, env: { JAVA_HOME: join(found.root, 'jdk') } })).toContain(path);
  });

  it('of the java that PATH leads to, behind a link', () => {
    const found = lookout();
    const path = file(join(found.root, 'jdk/lib/security/cacerts'), STORE);
    file(join(found.root, 'jdk/bin/java'));
    mkdirSync(join(found.root, 'bin'));
    symlinkSync(join(found.root, 'jdk/bin/java'), join(found.root, 'bin/java'));
    expect(javaStores({ ...found, env: { PATH: join(found.root, 'bin') } })).toContain(path);
    expect(javaStores({ ...found, command: [join(found.root, 'bin/java')] })).toContain(path);
  });
});

describe('where Python’s bundles are', () => {
  const BUNDLE = 'lib/python3.12/site-packages/certifi/cacert.pem';

  it.each([
    ['a virtual environment in the project', 'project/.venv', {}],
    ['one that is active', 'elsewhere', { VIRTUAL_ENV: 'elsewhere' }],
    ['one of Conda', 'conda', { CONDA_PREFIX: 'conda' }],
    ['the user’s own packages', 'home/.local', {}],
    ['one of pyenv', 'home/.pyenv/versions/3.12.1', {}],
    ['one of Poetry', 'home/.cache/pypoetry/virtualenvs/shop-py3.12', {}],
  ])('%s', (_, prefix, env) => {
    const found = lookout();
    const path = file(join(found.root, prefix, BUNDLE));
    file(join(found.root, prefix, 'pyvenv.cfg'), 'home = /nowhere/bin\n');
    const absolute = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, join(found.root, value)]));
    expect(pythonBundles({ ...found, env: absolute })).toContain(path);
  });

  it('the interpreter that a virtual environment was made with', () => {
    const found = lookout();
    const path = file(join(found.root, 'base', BUNDLE));
    file(join(found.root, 'project/venv/pyvenv.cfg'), `home = ${join(found.root, 'base/bin')}\n`);
    expect(pythonBundles(found)).toContain(path);
  });

  it('packages in a directory of their own', () => {
    const found = lookout();
    const [named, beside] = ['packages', 'project/vendor'].map((place) =>
      file(join(found.root, place, 'certifi/cacert.pem')),
    );
    const bundles = pythonBundles({ ...found, env: { PYTHONPATH: join(found.root, 'packages') } });
    expect(bundles).toEqual(expect.arrayContaining([named, beside]));
  });

  it('no file of another name, wherever a link leads', () => {
    const found = lookout();
    const secret = file(join(found.root, 'home/.ssh/id_rsa'), 'a key');
    mkdirSync(join(found.root, 'project/certifi'));
    symlinkSync(secret, join(found.root, 'project/certifi/cacert.pem'));
    expect(pythonBundles(found)).not.toContain(secret);
  });
});

describe('the files of a replay', () => {
  it('are for nobody else, are named by the variables, and go away', () => {
    const files = writeTrustFiles(authority, lookout(), Date.now());
    onTestFinished(() => files.remove());
    const directory = dirname(files.paths.ca);
    const { env = {} } = files.part;
    expect(basename(directory)).toMatch(/^loop-trust-/);
    expect([directory, files.paths.clientKey].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
    expect(readFileSync(env['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8')).toBe(authority.certificate);
    expect(readFileSync(env['SSL_CERT_FILE'] ?? '', 'utf8').endsWith(authority.certificate)).toBe(true);
    expect(readdirSync(env['SSL_CERT_DIR']?.split(':')[0] ?? '')).toEqual([
      `${commonNameHash(authority.commonName)}.0`,
    ]);
    for (const ours of files.binds.values()) expect(dirname(ours)).toBe(directory);
    files.remove();
    expect(existsSync(directory)).toBe(false);
  });
});
