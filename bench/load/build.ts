/** Compiles the C programs that make load, so that what is measured is not the generator. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

const FLAGS = ['-O2', '-Wall', '-Wextra'];

/**
 * The path of the program that this C file is: compiled once for each state of it, kept in the user's cache. `flags`: more for the compiler, for
 * example `-shared -fPIC -ldl`. Throws when there is no `cc`, with what it said.
 */
export function buildC(file: URL, flags: readonly string[] = []): string {
  const directory = join(homedir(), '.cache', 'loop', 'bench');
  const all = [...FLAGS, ...flags];
  const digest = createHash('sha256').update(readFileSync(file)).update(all.join(' ')).digest('hex').slice(0, 16);
  const program = join(directory, `${basename(file.pathname, '.c')}-${process.arch}-${digest}`);
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  const made = `${program}.${process.pid}`;
  execFileSync('cc', ['-o', made, file.pathname, ...all], { stdio: ['ignore', 2, 2] });
  renameSync(made, program);
  return program;
}
