import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopFile } from '../../src/domain/loop-file.ts';
import { StorageError } from '../errors.ts';
import type { LoopStore } from '../port.ts';

export interface CollectOptions {
  /** What writes the file: `loop 0.1.0`. */
  readonly createdBy: string;
  /** The store key id a wrapped key names (src/seal/envelope.ts, `wrappedKeyId`). */
  readonly keyIdOf: (wrappedKey: Uint8Array) => string | undefined;
}

/**
 * A stored loop with everything its replay needs, still sealed. Rejects with StorageError as the store does. A companion that cannot be read
 * is left out and named among the holes: the loop itself is worth having without it.
 */
export async function collectLoopFile(
  store: Pick<LoopStore, 'get' | 'parts'>,
  id: LoopId,
  options: CollectOptions,
): Promise<LoopFile> {
  const { file, companions: wanted } = await collectOne(store, id, options);
  const companions: LoopFile[] = [];
  const holes: string[] = [];
  for (const companion of wanted) {
    try {
      companions.push((await collectOne(store, companion, options)).file);
    } catch (error) {
      if (!(error instanceof StorageError) || (error.code !== 'corrupt' && error.code !== 'not-found')) throw error;
      holes.push(`the companion ${companion} could not be read: ${error.message}`);
    }
  }
  return { ...file, summary: { ...file.summary, holes: [...file.summary.holes, ...holes] }, companions };
}

async function collectOne(
  store: Pick<LoopStore, 'get' | 'parts'>,
  id: LoopId,
  options: CollectOptions,
): Promise<{ readonly file: LoopFile; readonly companions: readonly LoopId[] }> {
  const { summary, subject, wrappedKey, view, companions } = await store.get(id);
  const parts = (await store.parts(id)).map((part) => part.bytes);
  const keyId = options.keyIdOf(wrappedKey);
  if (keyId === undefined)
    throw new StorageError(
      'corrupt',
      `The wrapped key of loop ${id} cannot be read.`,
      'Delete the loop, or restore the store from a backup.',
    );
  const file: LoopFile = {
    summary,
    subject,
    createdBy: options.createdBy,
    view,
    seal: { kind: 'sealed', keyId, wrappedKey },
    parts,
    companions: [],
  };
  return { file, companions };
}
