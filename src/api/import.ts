/** Takes a `.loop` file in. Nothing readable in it is believed: summary and view are made again from its records, and redacted here. */
import { setImmediate } from 'node:timers/promises';
import { decodeLoopFile } from '../../storage/format/decode.ts';
import { damaged } from '../../storage/format/errors.ts';
import { summarySchema } from '../../storage/format/summary-schema.ts';
import type { LoopStore, SaveOptions, SealedLoop, SealedPart } from '../../storage/port.ts';
import type { Subject } from '../../storage/subjects.ts';
import type { LoopFile } from '../domain/loop-file.ts';
import type { LoopId } from '../domain/ids.ts';
import type { LoopSummary } from '../domain/loop.ts';
import type { Transaction } from '../domain/transaction.ts';
import { derive, present, type Presented } from '../keeping/derive.ts';
import { createDisguise, disguiseOf, type Disguise } from '../keeping/disguise/disguise.ts';
import { disguisePart } from '../keeping/disguise/part.ts';
import { Schemas, type Schema } from '../keeping/schemas.ts';
import { sealPart, wrapKey } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import type { StoreKey } from '../seal/keys.ts';
import { newDataKey, redactionKey } from '../seal/keys.ts';
import { openLoopFile } from '../seal/open.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import { createRedactor } from '../seal/redact.ts';
import { NO_RULES, type RedactionRules } from '../seal/rules.ts';
import { parseLoopView } from '../seal/view-schema.ts';
import { decodePart, encodePart, type PartContent } from '../wire/segments/part.ts';
import { ApiError } from './error.ts';
import { IMPORT_CAPS, LATEST, RecordCount, refuseBomb, type ImportCaps } from './import-caps.ts';

export interface ImportOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly rules?: RedactionRules;
  /** What is a failure, in the store it comes to. */
  readonly judging?: RuleSet;
  /** Descriptors that somebody configured; what servers in the file gave away is known too. */
  readonly protobuf?: Schema | undefined;
  /** Default `sealed`. `none`: originals in the file are not kept, and a part that cannot be read is not either. */
  readonly originals?: 'sealed' | 'none' | undefined;
  /** Also of somebody who was erased after it was recorded. */
  readonly restore?: boolean;
  /** Tells whom a recording shows. */
  readonly subjectsIn?: ((transaction: Transaction) => readonly Subject[]) | undefined;
  readonly caps?: ImportCaps;
  /** Throws for a recording that whoever brings it may not take in, or that is here already and not theirs. */
  readonly fits?: (summary: LoopSummary) => void;
  /** Told once the file has been read and before anything is stored. */
  readonly allowed: (loop: LoopId) => Promise<void>;
}

/**
 * All of the file or nothing: what is wrong anywhere in it is found before anything is stored, and what was stored when the disk fills up goes
 * again. Rejects with LoopFileError, SealError or StorageError.
 */
export async function importLoopFile(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<LoopSummary> {
  const { caps = IMPORT_CAPS } = options;
  const decoded = await decodeLoopFile(bytes);
  refuseBomb(decoded, caps);
  const file = openLoopFile(decoded, options.key);
  if (file instanceof SealError) throw file;
  for (const { summary } of file.companions) requireServant(summary);
  const count = new RecordCount(caps);
  const schemas = new Schemas(options.protobuf);
  const recordings: Ready[] = [];
  // Companions first: they may hold what the loop's messages are read by.
  for (const one of [...file.companions, file]) {
    const ready = await readyToSave(one, count, schemas, options);
    if (one !== file && ready.kind === 'here') requireServant(ready.summary);
    options.fits?.(ready.kind === 'here' ? ready.summary : ready.loop.summary);
    if (options.restore !== true) await refuseErased(ready, options.store);
    count.addView(ready.kind === 'new' ? ready.loop.view.length : 0);
    recordings.push(ready);
    // Each may take most of a second; whoever else is served by this thread has a turn between.
    await setImmediate();
  }
  await options.allowed(file.summary.id);
  const companions = file.companions.map((companion) => companion.summary.id);
  const summaries = await saveAll(recordings, companions, options);
  return summaries.at(-1) ?? file.summary;
}

/** What is named as a companion cannot be deleted as long as it is: that is for profiles and exemplars only, here and in the file. */
function requireServant({ id, purpose }: LoopSummary): void {
  if (purpose !== 'ambient' && purpose !== 'exemplar') throw damaged(`its companion ${id} is a ${purpose}`);
}

/** Of the companions too: a good answer to somebody is theirs no less. */
async function refuseErased(ready: Ready, store: LoopStore): Promise<void> {
  if (ready.kind === 'here' || ready.subjects === undefined) return;
  const { id, startedAt } = ready.loop.summary;
  if (!(await store.isBuried(ready.subjects, startedAt))) return;
  throw new ApiError(
    'refused',
    `The file holds ${id}, which shows a user whose data was erased here after it was recorded.`,
    'It can be replayed without taking it in: loopctl replay <file>. To take it in all the same: loopctl import --restore <file>',
  );
}

/** A recording as it will be stored, but for its parts, which are sealed when their turn comes: sealed and open at once they take twice the memory. */
type Ready =
  | { readonly kind: 'here'; readonly summary: LoopSummary }
  | {
      readonly kind: 'new';
      readonly subjects: readonly Subject[] | undefined;
      readonly loop: Omit<SealedLoop, 'parts' | 'companions'>;
      readonly seal: () => SealedPart[];
    };

/** An id that is here already keeps what it has. */
async function readyToSave(
  file: LoopFile,
  count: RecordCount,
  schemas: Schemas,
  options: ImportOptions,
): Promise<Ready> {
  const { store, key, rules = NO_RULES, judging, originals } = options;
  const { id, purpose, transaction } = file.summary;
  const [known] = await store.findByPrefix(id, 1);
  if (known !== undefined) return { kind: 'here', summary: (await store.get(id)).summary };
  const data = newDataKey();
  const decoded = file.parts.map(decodePart);
  const read = decoded.filter((part) => part !== undefined);
  count.add(read);
  schemas.learn({ key: transaction, parts: read });
  const disguise = disguiseOf(read, schemas.current) ?? createDisguise(redactionKey(data), rules, schemas.current);
  const parts = originals === 'none' ? disguised(read, disguise) : read;
  const kept = originals === 'none' ? parts.map(encodePart) : file.parts;
  const redact = createRedactor(disguise.key, { rules });
  const recorded = { id, purpose, subject: file.subject, transaction, parts, unread: decoded.length - read.length };
  const derived = derive(recorded, judging);
  const plain = originals === 'none' ? derive({ ...recorded, parts: read }, judging) : derived;
  const { summary, view, search } = presentable(
    present(recorded, derived, redact, disguise.schema),
    file.summary.startedAt,
  );
  return {
    kind: 'new',
    subjects: options.subjectsIn?.(plain.transaction),
    loop: { summary, view, search, subject: redact.text(file.subject), wrappedKey: wrapKey(data, key, id) },
    seal: () => kept.map((part, index) => sealPart(part, data, id, index)),
  };
}

/**
 * Bytes may say anything: what could not be listed or shown afterwards is refused. `startedAt`, of which only the file tells, stands where no
 * record tells of any time: parts of a newer version are kept and cannot be read.
 */
function presentable({ summary, view, search }: Presented, startedAt: number): Presented {
  const dated =
    summary.exchanges === 0 && !(summary.startedAt > 0 && summary.startedAt <= LATEST)
      ? { ...summary, startedAt }
      : summary;
  if (summarySchema.safeParse(dated).success && parseLoopView(view) !== undefined)
    return { summary: dated, view, search };
  throw damaged('its records hold times or numbers that cannot be');
}

/** The last one is the loop itself, and names the others. */
async function saveAll(
  recordings: readonly Ready[],
  companions: readonly LoopId[],
  { store, restore = false }: ImportOptions,
): Promise<readonly LoopSummary[]> {
  const saved: LoopId[] = [];
  const summaries: LoopSummary[] = [];
  try {
    for (const [index, recording] of recordings.entries()) {
      if (recording.kind === 'new') {
        const named = index === recordings.length - 1 ? companions : [];
        await store.save(
          { ...recording.loop, companions: named, parts: recording.seal() },
          restoring(recording, restore),
        );
        saved.push(recording.loop.summary.id);
      }
      summaries.push(recording.kind === 'new' ? recording.loop.summary : recording.summary);
    }
    return summaries;
  } catch (error) {
    // The first error is the one to tell; a store that cannot delete either sweeps at its next start.
    for (const id of saved.toReversed()) await store.delete(id, { again: true }).catch(() => undefined);
    throw error;
  }
}

/** What was deleted comes back; somebody may have been erased since that was asked, whose data does not. */
function restoring({ subjects }: Extract<Ready, { kind: 'new' }>, ofErased: boolean): SaveOptions {
  return { restore: true, ofErased, subjects };
}

/** Those that are not yet, each without what the parts before it hold. */
function disguised(parts: readonly PartContent[], disguise: Disguise): readonly PartContent[] {
  const done: PartContent[] = [];
  for (const part of parts) done.push(part.disguised === undefined ? disguisePart(part, done, disguise) : part);
  return done;
}
