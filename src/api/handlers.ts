/** The answers themselves, over a store and its key. */
import { decodeLoopFile } from '../../storage/format/decode.ts';
import { collectLoopFile } from '../../storage/format/collect.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import type { LoopStore } from '../../storage/port.ts';
import type { LoopFile } from '../domain/loop-file.ts';
import type { LoopId } from '../domain/ids.ts';
import { parseLoopIdPrefix } from '../domain/ids.ts';
import { newDataKey } from '../seal/keys.ts';
import type { StoreKey } from '../seal/keys.ts';
import { sealPart, wrapKey, wrappedKeyId } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import { openLoopFile } from '../seal/open.ts';
import { ApiError } from './error.ts';
import { attempt } from './failures.ts';
import type { LoopApi } from './port.ts';

/** Told of every act that reads originals or changes what is stored, after it was allowed and before it is done. */
export interface Audit {
  record(entry: { readonly act: 'open' | 'export' | 'import' | 'delete'; readonly loop: LoopId }): Promise<void>;
}

export interface HandlerOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly audit: Audit;
  /** `loop 0.1.0`: written into exported files. */
  readonly createdBy: string;
}

const SHOWN_WHEN_AMBIGUOUS = 5;

export function createHandlers(options: HandlerOptions): LoopApi {
  const { store, audit } = options;
  return {
    list: (query) => attempt(() => store.list(query)),
    resolve: (prefix) => attempt(() => resolvePrefix(store, prefix)),
    show: (id) => attempt(() => store.get(id)),
    recording: (id, { open }) => attempt(() => readRecording(options, id, open)),
    import: (file) => attempt(() => importFile(options, file)),
    delete: (id) =>
      attempt(async () => {
        await audit.record({ act: 'delete', loop: id });
        await store.delete(id);
      }),
  };
}

async function resolvePrefix(store: LoopStore, text: string): Promise<LoopId> {
  const prefix = parseLoopIdPrefix(text);
  const found = prefix === undefined ? [] : await store.findByPrefix(prefix, SHOWN_WHEN_AMBIGUOUS + 1);
  const [first, second] = found;
  if (first === undefined)
    throw new ApiError('not-found', `There is no loop "${text}".`, 'loopctl list failures shows what there is.');
  if (second !== undefined)
    throw new ApiError(
      'ambiguous',
      `"${text}" begins ${found.length > SHOWN_WHEN_AMBIGUOUS ? 'many' : found.length} loops: ${found.slice(0, SHOWN_WHEN_AMBIGUOUS).join(', ')}.`,
      'Type more of the id.',
    );
  return first;
}

async function readRecording(
  { store, key, audit, createdBy }: HandlerOptions,
  id: LoopId,
  open: boolean,
): Promise<Uint8Array> {
  const file = await collectLoopFile(store, id, { createdBy, keyIdOf: wrappedKeyId });
  await audit.record({ act: open ? 'open' : 'export', loop: id });
  return encodeLoopFile(open ? unsealed(file, key) : file);
}

function unsealed(file: LoopFile, key: StoreKey): LoopFile {
  const opened = openLoopFile(file, key);
  if (opened instanceof SealError) throw opened;
  return opened;
}

async function importFile(options: HandlerOptions, bytes: Uint8Array): ReturnType<LoopApi['import']> {
  const file = unsealed(await decodeLoopFile(bytes), options.key);
  await options.audit.record({ act: 'import', loop: file.summary.id });
  for (const companion of file.companions) await saveOpen(options, companion, []);
  await saveOpen(
    options,
    file,
    file.companions.map((companion) => companion.summary.id),
  );
  return file.summary;
}

/** Sealed again under a data key of this store; an id that is here already keeps what it has. */
async function saveOpen({ store, key }: HandlerOptions, file: LoopFile, companions: readonly LoopId[]): Promise<void> {
  const { summary, subject, view } = file;
  const present = await store.findByPrefix(summary.id, 1);
  if (present.length > 0) return;
  const data = newDataKey();
  const parts = file.parts.map((part, index) => sealPart(part, data, summary.id, index));
  await store.save({ summary, subject, view, companions, wrappedKey: wrapKey(data, key, summary.id), parts });
}
