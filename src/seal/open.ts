import type { LoopId } from '../domain/ids.ts';
import type { LoopFile } from '../domain/loop-file.ts';
import { openPart, unwrapKey } from './envelope.ts';
import { SealError } from './errors.ts';
import type { StoreKey } from './keys.ts';

/** Plain records of the sealed parts, in order; the first fault instead when there is one. */
export function openParts(
  loop: LoopId,
  wrappedKey: Uint8Array,
  parts: readonly Uint8Array[],
  key: StoreKey,
): readonly Uint8Array[] | SealError {
  const data = unwrapKey(wrappedKey, key, loop);
  if (data instanceof SealError) return data;
  const opened: Uint8Array[] = [];
  for (const [index, part] of parts.entries()) {
    const records = openPart(part, data, loop, index);
    if (records instanceof SealError) return records;
    opened.push(records);
  }
  return opened;
}

/**
 * The same recording with plain records, companions too; in memory only. Without a key, only a file that is open already passes.
 * Companions come from the same store, so a companion that does not open is a fault like any other.
 */
export function openLoopFile(file: LoopFile, key: StoreKey | undefined): LoopFile | SealError {
  const companions: LoopFile[] = [];
  for (const companion of file.companions) {
    const opened = openLoopFile(companion, key);
    if (opened instanceof SealError) return opened;
    companions.push(opened);
  }
  if (file.seal.kind === 'open') return { ...file, companions };
  if (key === undefined) return keyNeeded(file.summary.id, file.seal.keyId);
  const parts = openParts(file.summary.id, file.seal.wrappedKey, file.parts, key);
  return parts instanceof SealError ? parts : { ...file, seal: { kind: 'open' }, parts, companions };
}

function keyNeeded(loop: LoopId, keyId: string): SealError {
  const hint = 'Open it where it was recorded, or ask for an export without the seal.';
  return new SealError(
    'key-missing',
    `Loop ${loop} is sealed under the store key ${keyId}, and no key is at hand.`,
    hint,
  );
}
