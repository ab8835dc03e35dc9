/** Takes a `.loop` file in. Nothing readable in it is believed: summary and view are made again from its records, and redacted here. */
import { decodeLoopFile } from '../../storage/format/decode.ts';
import type { LoopStore } from '../../storage/port.ts';
import type { LoopFile } from '../domain/loop-file.ts';
import type { LoopId } from '../domain/ids.ts';
import type { LoopSummary } from '../domain/loop.ts';
import { derive, present } from '../keeping/derive.ts';
import { createDisguise, disguiseOf, type Disguise } from '../keeping/disguise/disguise.ts';
import { disguisePart } from '../keeping/disguise/part.ts';
import { sealPart, wrapKey } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import type { StoreKey } from '../seal/keys.ts';
import { newDataKey, redactionKey } from '../seal/keys.ts';
import { openLoopFile } from '../seal/open.ts';
import { createRedactor } from '../seal/redact.ts';
import { NO_RULES, type RedactionRules } from '../seal/rules.ts';
import { decodePart, encodePart, type PartContent } from '../wire/segments/part.ts';

export interface ImportOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly rules?: RedactionRules;
  /** Default `sealed`. `none`: originals in the file are not kept, and a part that cannot be read is not either. */
  readonly originals?: 'sealed' | 'none' | undefined;
  /** Told once the file has been read and before anything is stored. */
  readonly allowed: (loop: LoopId) => Promise<void>;
}

/** Rejects with LoopFileError, SealError or StorageError. */
export async function importLoopFile(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<LoopSummary> {
  const file = openLoopFile(await decodeLoopFile(bytes), options.key);
  if (file instanceof SealError) throw file;
  await options.allowed(file.summary.id);
  for (const companion of file.companions) await saveOpen(companion, [], options);
  const companions = file.companions.map((companion) => companion.summary.id);
  return saveOpen(file, companions, options);
}

/** Sealed again under a data key of this store; an id that is here already keeps what it has. */
async function saveOpen(file: LoopFile, companions: readonly LoopId[], options: ImportOptions): Promise<LoopSummary> {
  const { store, key, rules = NO_RULES, originals } = options;
  const { id, purpose, transaction } = file.summary;
  const [known] = await store.findByPrefix(id, 1);
  if (known !== undefined) return (await store.get(id)).summary;
  const data = newDataKey();
  const decoded = file.parts.map(decodePart);
  const read = decoded.filter((part) => part !== undefined);
  const disguise = disguiseOf(read) ?? createDisguise(redactionKey(data), rules);
  const parts = originals === 'none' ? disguised(read, disguise) : read;
  const kept = originals === 'none' ? parts.map(encodePart) : file.parts;
  const redact = createRedactor(disguise.key, { rules });
  const recorded = { id, purpose, subject: file.subject, transaction, parts, unread: decoded.length - read.length };
  const { summary, view } = present(recorded, derive(recorded), redact);
  await store.save(
    {
      summary,
      view,
      subject: redact.text(file.subject),
      companions,
      wrappedKey: wrapKey(data, key, id),
      parts: kept.map((part, index) => sealPart(part, data, id, index)),
    },
    { restore: true },
  );
  return summary;
}

/** Those that are not yet, each without what the parts before it hold. */
function disguised(parts: readonly PartContent[], disguise: Disguise): readonly PartContent[] {
  const done: PartContent[] = [];
  for (const part of parts) done.push(part.disguised === undefined ? disguisePart(part, done, disguise) : part);
  return done;
}
