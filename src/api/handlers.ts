/** The answers themselves, over a store and its key. */
import { collectLoopFile } from '../../storage/format/collect.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import type { LoopStore } from '../../storage/port.ts';
import type { Principal } from '../domain/access.ts';
import type { LoopFile } from '../domain/loop-file.ts';
import type { LoopId } from '../domain/ids.ts';
import { parseLoopIdPrefix } from '../domain/ids.ts';
import type { Schema } from '../keeping/schemas.ts';
import type { StoreKey } from '../seal/keys.ts';
import { wrappedKeyId } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import { openLoopFile } from '../seal/open.ts';
import { NO_RULES, type RedactionRules } from '../seal/rules.ts';
import { BUILT_IN, type RuleSet } from '../verdict/rules/set.ts';
import type { CaptureDesk } from '../captures/port.ts';
import { captureHandlers } from './captures.ts';
import { comparisons } from './comparison.ts';
import { ApiError } from './error.ts';
import { attempt, unavailable } from './failures.ts';
import { importLoopFile } from './import.ts';
import type { ApiFor, LoopApi } from './port.ts';
import { readRules, testRedaction } from './redaction-test.ts';
import { testRules } from './rules-test.ts';

/** `open`, `test-redaction`, `test-rules`: originals were opened. */
export type AuditedAct = 'open' | 'export' | 'import' | 'delete' | 'test-redaction' | 'test-rules';

/** Told of every act that reads originals or changes what is stored, after it was allowed and before it is done. */
export interface Audit {
  record(entry: { readonly act: AuditedAct; readonly loop: LoopId; readonly actor?: string }): Promise<void>;
}

export interface HandlerOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly audit: Audit;
  /** On top of the built-in redaction. */
  readonly redaction?: RedactionRules;
  /** Those in force; by default the built-in ones alone. */
  readonly rules?: () => RuleSet;
  /** Descriptors that somebody configured. */
  readonly protobuf?: Schema;
  /** Whether originals are kept of what is imported; default `sealed`. */
  readonly originals?: 'sealed' | 'none';
  /** Who looks after captures. */
  readonly captures?: CaptureDesk;
  /** `loop 0.1.0`: written into exported files. */
  readonly createdBy: string;
}

const SHOWN_WHEN_AMBIGUOUS = 5;

/** What a principal asks for; that it may is decided before (dispatch.ts). */
export function createHandlers(options: HandlerOptions): ApiFor {
  return (principal) => {
    const acted = actsOf(options.audit, principal);
    const seen = readers(options);
    return { ...seen, ...comparisons({ ...options, seen }), ...recordings(options, acted), ...elsewhere(options) };
  };
}

type Acted = (act: AuditedAct, loop: LoopId) => Promise<void>;

function actsOf(audit: Audit, { name: actor }: Principal): Acted {
  return (act, loop) => audit.record({ act, loop, actor });
}

function readers({ store }: HandlerOptions): Pick<LoopApi, 'list' | 'fingerprints' | 'resolve' | 'show'> {
  return {
    list: (query) => attempt(() => store.list(query)),
    fingerprints: (query) => attempt(() => store.fingerprints(query)),
    resolve: (prefix) => attempt(() => resolvePrefix(store, prefix)),
    show: (id) => attempt(() => store.get(id)),
  };
}

function recordings(
  options: HandlerOptions,
  acted: Acted,
): Pick<LoopApi, 'recording' | 'import' | 'testRedaction' | 'testRules' | 'delete'> {
  const { store, key, redaction = NO_RULES, originals, protobuf, rules: judging = () => BUILT_IN } = options;
  const allowed = (loop: LoopId) => acted('import', loop);
  return {
    recording: (id, { open }) => attempt(() => readRecording(options, id, { open, acted })),
    import: (file) =>
      attempt(() =>
        importLoopFile(file, { store, key, rules: redaction, judging: judging(), originals, protobuf, allowed }),
      ),
    testRedaction: (id, written) =>
      attempt(async () => {
        const rules = written === undefined ? redaction : readRules(written);
        await acted('test-redaction', id);
        return testRedaction(store, key, id, { rules, judging: judging(), protobuf });
      }),
    testRules: (asked) =>
      attempt(() => testRules({ store, key, opened: (loop) => acted('test-rules', loop) }, asked, judging())),
    delete: (id) =>
      attempt(async () => {
        await acted('delete', id);
        await store.delete(id);
      }),
  };
}

function elsewhere(
  options: HandlerOptions,
): Omit<
  LoopApi,
  keyof ReturnType<typeof readers> | keyof ReturnType<typeof comparisons> | keyof ReturnType<typeof recordings>
> {
  return {
    captures: captureHandlers(options.captures),
    tokens: {
      list: unavailable('list of tokens'),
      create: unavailable('list of tokens'),
      revoke: unavailable('list of tokens'),
    },
    originalBody: unavailable('original body'),
    timeline: unavailable('timeline'),
    erase: unavailable('erasure'),
    audit: unavailable('audit'),
    vitals: unavailable('report of health'),
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
  { store, key, createdBy }: HandlerOptions,
  id: LoopId,
  { open, acted }: { readonly open: boolean; readonly acted: Acted },
): Promise<Uint8Array> {
  const file = await collectLoopFile(store, id, { createdBy, keyIdOf: wrappedKeyId });
  await acted(open ? 'open' : 'export', id);
  return encodeLoopFile(open ? unsealed(file, key) : file);
}

function unsealed(file: LoopFile, key: StoreKey): LoopFile {
  const opened = openLoopFile(file, key);
  if (opened instanceof SealError) throw opened;
  return opened;
}
