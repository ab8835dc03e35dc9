/** Stored recordings, opened in memory. */
import type { LoopStore, StoredLoop } from '../../storage/port.ts';
import type { LoopId } from '../domain/ids.ts';
import type { Source } from '../keeping/schemas.ts';
import { SealError } from '../seal/errors.ts';
import type { StoreKey } from '../seal/keys.ts';
import { openParts } from '../seal/open.ts';
import { decodePart, type PartContent } from '../wire/segments/part.ts';

/** Without parts that this version cannot read. Rejects with StorageError. */
export async function openedParts(
  store: Pick<LoopStore, 'parts'>,
  key: StoreKey,
  id: LoopId,
  { wrappedKey }: Pick<StoredLoop, 'wrappedKey'>,
): Promise<readonly PartContent[] | SealError> {
  const sealed = await store.parts(id);
  const opened = openParts(
    id,
    wrappedKey,
    sealed.map(({ bytes }) => bytes),
    key,
  );
  return opened instanceof SealError ? opened : opened.map(decodePart).filter((part) => part !== undefined);
}

/** Of recordings that only help to read others: one that cannot be opened (any more) is left out. Never rejects. */
export async function openedSources(
  store: Pick<LoopStore, 'get' | 'parts'>,
  key: StoreKey,
  ids: readonly LoopId[],
): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const id of ids) {
    try {
      const stored = await store.get(id);
      const parts = await openedParts(store, key, id, stored);
      if (!(parts instanceof SealError)) sources.push({ key: stored.summary.transaction, parts });
    } catch {
      // Deleted meanwhile, or damaged: whoever wants the recording itself is told.
    }
  }
  return sources;
}
