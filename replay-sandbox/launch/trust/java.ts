/** The trust stores of the Javas a service may be run by. They are found by their place, not by running them. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Lookout } from './programs.ts';
import { realPath, whichProgram } from './programs.ts';

/** In a JDK of today, and in one of version 8. */
const STORES = ['lib/security/cacerts', 'jre/lib/security/cacerts'] as const;
const SYSTEM_STORES = [
  '/etc/ssl/certs/java/cacerts',
  '/etc/pki/java/cacerts',
  '/etc/pki/ca-trust/extracted/java/cacerts',
];

export function javaStores(lookout: Lookout): readonly string[] {
  const { env, command } = lookout;
  const programs = [command[0] ?? '', 'java'].map((name) => (name === '' ? undefined : whichProgram(name, lookout)));
  const homes = [env['JAVA_HOME'], env['JRE_HOME'], ...programs.map(homeOf)].filter((home) => home !== undefined);
  const stores = [...homes.flatMap((home) => STORES.map((store) => join(home, store))), ...SYSTEM_STORES];
  return [...new Set(stores.flatMap((store) => realPath(store) ?? []))].filter(isStore);
}

/** By its first bytes, JKS or the sequence that PKCS #12 begins with: a link may lead to any file. */
function isStore(path: string): boolean {
  try {
    const [first, second] = readFileSync(path);
    return (first === 0xfe && second === 0xed) || first === 0x30;
  } catch {
    return false;
  }
}

/** `…/bin/java`, behind any number of links. */
function homeOf(program: string | undefined): string | undefined {
  const real = program === undefined ? undefined : realPath(program);
  return real === undefined ? undefined : dirname(dirname(real));
}
