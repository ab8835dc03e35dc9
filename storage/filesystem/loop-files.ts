/**
 * The bytes of loops: `<root>/<loop id>/<sha-256>.seg` per sealed part and `<sha-256>.view` for the view. Names are digests of the
 * contents, so a file is never changed in place, and damage shows when it is read. Which files count is told by the index alone.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLoopId, type LoopId } from '../../src/domain/ids.ts';
import { codeOf, StorageError } from '../errors.ts';
import type { SealedPart } from '../port.ts';
import { syncDirectory, writeDurable } from './durable.ts';

export type FileKind = 'seg' | 'view';

const DIGEST = /^[0-9a-f]{64}$/;

/** One file of a loop by what it holds. Throws StorageError `corrupt` when `digest` is none: it becomes part of a path. */
export function fileName(digest: string, kind: FileKind): string {
  if (!DIGEST.test(digest))
    throw new StorageError('corrupt', `${JSON.stringify(digest.slice(0, 80))} is no SHA-256 digest.`);
  return `${digest}.${kind}`;
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Throws StorageError `corrupt` when it is not that of the bytes. */
export function checkedDigest(part: SealedPart): string {
  if (digestOf(part.bytes) === part.digest) return part.digest;
  throw new StorageError(
    'corrupt',
    `A part of ${part.bytes.length} bytes does not have the digest it came with.`,
    'It was damaged on its way here; send it again.',
  );
}

export class LoopFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async prepare(): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
  }

  /** Makes the files durable. On an error none of them is left. */
  async write(id: LoopId, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const directory = this.#directory(id);
    const created = await mkdir(directory, { recursive: true, mode: 0o700 });
    try {
      for (const [name, bytes] of files) await writeDurable(join(directory, name), bytes);
      await syncDirectory(directory);
      if (created !== undefined) await syncDirectory(this.#root);
    } catch (error) {
      await this.discard(id, [...files.keys()]);
      throw error;
    }
  }

  /** The file's bytes; rejects with StorageError `corrupt` when it is missing or not what its name says. */
  async read(id: LoopId, name: string): Promise<Uint8Array> {
    const bytes = await readFile(join(this.#directory(id), name)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') throw damaged(id, name, 'is missing');
      throw error;
    });
    if (digestOf(bytes) !== name.slice(0, name.indexOf('.')))
      throw damaged(id, name, 'has changed since it was written');
    return bytes;
  }

  /** Removes files nothing refers to; what cannot be removed now is swept at the next start. */
  async discard(id: LoopId, names: readonly string[]): Promise<void> {
    const directory = this.#directory(id);
    for (const name of names) await rm(join(directory, name), { force: true }).catch(() => undefined);
    await rmdir(directory).catch(() => undefined);
  }

  /** Removes every byte of a loop, durably. */
  async remove(id: LoopId): Promise<void> {
    await rm(this.#directory(id), { recursive: true, force: true });
    await syncDirectory(this.#root);
  }

  /** Removes what a crash left: loops and files that `listed` does not name. Returns how many names went. Foreign names are left alone. */
  async sweep(listed: ReadonlyMap<string, ReadonlySet<string>>): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.#root)) {
      const id = parseLoopId(name);
      if (id === undefined) continue;
      const wanted = listed.get(id);
      if (wanted === undefined) {
        await rm(this.#directory(id), { recursive: true, force: true });
        removed += 1;
        continue;
      }
      const stray = (await readdir(this.#directory(id))).filter((file) => !wanted.has(file));
      for (const file of stray) await rm(join(this.#directory(id), file), { recursive: true, force: true });
      removed += stray.length;
    }
    return removed;
  }

  #directory(id: LoopId): string {
    if (parseLoopId(id) === undefined)
      throw new StorageError('corrupt', `${JSON.stringify(String(id).slice(0, 80))} is no loop id.`);
    return join(this.#root, id);
  }
}

function damaged(id: LoopId, name: string, what: string): StorageError {
  const part = name.endsWith('.view') ? 'view' : 'part';
  const hint = `Delete it (loopctl delete ${id}), or restore loops/${id} from a backup. Other loops are not affected.`;
  return new StorageError('corrupt', `Loop ${id} is damaged: its ${part} ${name.slice(0, 12)}… ${what}.`, hint);
}
