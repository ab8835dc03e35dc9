/** How much room the recordings take on disk, and how much there is. */
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

export interface StoreUsage {
  /** Recordings of any purpose. */
  readonly loops: number;
  /** Of all files of the store. */
  readonly bytes: number;
  /** Of the file system, for whoever is not root. */
  readonly freeBytes: number;
}

/** `store`: its directory. What goes away meanwhile is not counted. Rejects with the error of Node when the directory cannot be read. */
export async function storeUsage(store: string): Promise<StoreUsage> {
  const { bavail, bsize } = await statfs(store);
  let loops = 0;
  let bytes = 0;
  for (const entry of await readdir(store, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) loops += entry.parentPath === join(store, 'loops') ? 1 : 0;
    else bytes += await sizeOf(join(entry.parentPath, entry.name));
  }
  return { loops, bytes, freeBytes: bavail * bsize };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
