import { open, rename, rm } from 'node:fs/promises';

/**
 * Puts a whole file in place: a crash leaves either all of it or nothing under that name. The name itself is durable after
 * `syncDirectory`, so that a caller with several files pays for that once. Rejects with the system's error, leaving no draft behind.
 */
export async function writeDurable(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.new`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Makes names made in, moved in and removed from a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
