import { readFile, realpath } from 'node:fs/promises';

/** Every unix socket with a path that this network namespace lists, by the path where it is found on disk. */
export async function hostUnixSockets(): Promise<readonly string[]> {
  const found = await Promise.all(listedPaths(await readFile('/proc/net/unix', 'utf8')).map(onDisk));
  return [...new Set(found.filter((path) => path !== undefined))];
}

/** Lines are `address: refcount protocol flags type state inode path`; a path may hold spaces, an abstract name starts with @. */
export function listedPaths(table: string): readonly string[] {
  const paths = table.split('\n').map((line) => /^\S+:(?: +\S+){6} (\/.*)$/.exec(line)?.[1]);
  return paths.filter((path) => path !== undefined);
}

/** Undefined when it is gone, or in a place that this user, and so the service, cannot reach. */
async function onDisk(path: string): Promise<string | undefined> {
  return await realpath(path).catch(() => undefined);
}
