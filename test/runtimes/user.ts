/** Who runs a replay: whoever runs the table, and when that is root, an ordinary user too. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot } from '../../scripts/bootstrap/cache.mjs';

export type UserName = 'root' | 'user';

/** nobody: on every Debian, and of no use to anybody else. */
export const ORDINARY = 65_534;

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The command as that user would type it, or why it cannot be tried. `programs` lie where that user perhaps may not look. */
export function asUser(
  user: UserName,
  command: readonly string[],
  { mounts, programs }: { readonly mounts: string; readonly programs: readonly string[] },
): readonly string[] | { readonly limit: string } {
  if (user === 'root')
    return isRoot() ? command : { limit: 'not tried: the table is not run by root, and does not ask for it' };
  if (!isRoot()) return command;
  return [
    ...seenByOthers(mounts, programs),
    'setpriv',
    `--reuid=${ORDINARY}`,
    `--regid=${ORDINARY}`,
    '--clear-groups',
    ...command,
  ];
}

/**
 * What lies in a home that others may not enter (root's, with the cache or the checkout in it), they see at its place, in a mount namespace
 * of their own: nothing on this machine changes.
 */
function seenByOthers(mounts: string, programs: readonly string[]): readonly string[] {
  const prefixes = [process.execPath, ...programs].map((program) => dirname(dirname(realpathSync(program))));
  const needed = [...new Set([REPOSITORY, cacheRoot(process.env), ...prefixes])];
  const closed = new Map(needed.flatMap((path) => closedAbove(path).map((above) => [path, above] as const)));
  if (closed.size === 0) return [];
  const paths = [...closed.keys()].filter(exists);
  const kept = paths.map((path, index) => ({ path, at: join(mounts, `seen-${index}`) }));
  const script = [
    'set -e',
    ...kept.map(({ path, at }) => `mkdir -p '${at}'; mount --bind '${path}' '${at}'`),
    ...[...new Set(closed.values())].map((above) => `mount -t tmpfs -o mode=755 tmpfs '${above}'`),
    ...kept.map(({ path, at }) => `mkdir -p '${path}'; mount --bind '${at}' '${path}'; umount '${at}'`),
    'exec "$0" "$@"',
  ].join('\n');
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script];
}

/** The topmost directory on the way that others cannot enter, if there is one. */
function closedAbove(path: string): readonly string[] {
  const above = path === '/' ? [] : closedAbove(dirname(path));
  if (above.length > 0 || !exists(path)) return above;
  return (statSync(path).mode & 0o001) === 0 ? [path] : [];
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}
