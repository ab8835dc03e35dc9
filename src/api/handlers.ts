/** The answers themselves, over a store and its key. */
import { collectLoopFile } from '../../storage/format/collect.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import type { LoopStore } from '../../storage/port.ts';
import { seesAll, type Principal } from '../domain/access.ts';
import type { AuditTrail } from '../domain/audit.ts';
import type { LoopFile } from '../domain/loop-file.ts';
import type { LoopId } from '../domain/ids.ts';
import type { LoopSummary } from '../domain/loop.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { Tokens } from '../access/tokens.ts';
import { parseLoopIdPrefix } from '../domain/ids.ts';
import type { Schema } from '../keeping/schemas.ts';
import type { StoreKey } from '../seal/keys.ts';
import { wrappedKeyId } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import { openLoopFile } from '../seal/open.ts';
import { NO_RULES, type RedactionRules } from '../seal/rules.ts';
import { BUILT_IN, type RuleSet } from '../verdict/rules/set.ts';
import type { CaptureOffice } from '../captures/port.ts';
import { actsOf, lookingIsTold, type Acted } from './acts.ts';
import { captureHandlers } from './captures.ts';
import { comparisons } from './comparison.ts';
import { ApiError } from './error.ts';
import { attempt, unavailable } from './failures.ts';
import { withCompanions } from './handed-out.ts';
import { importLoopFile } from './import.ts';
import { asSeenBy } from './tenants/as-seen-by.ts';
import { storeHeldBy, storeSeenBy, type HeldStore, type SeenStore } from './tenants/store.ts';
import { tokenHandlers } from './tokens.ts';
import type { ApiFor, LoopApi } from './port.ts';
import { readOriginalBody } from './original-body.ts';
import { readRules, testRedaction } from './redaction-test.ts';
import { testRules } from './rules-test.ts';
import type { AuditReader } from './audit-reader.ts';
import { userHandlers } from './user-handlers.ts';
import type { UsersOptions } from './users.ts';

export interface HandlerOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  /** Told of every act that looks at, opens or changes something, before it is done. */
  readonly audit: AuditTrail;
  /** What was told. */
  readonly told?: AuditReader;
  /** On top of the built-in redaction. */
  readonly redaction?: RedactionRules;
  /** Those in force; by default the built-in ones alone. */
  readonly rules?: () => RuleSet;
  /** Descriptors that somebody configured. */
  readonly protobuf?: Schema;
  /** Whether originals are kept of what is imported; default `sealed`. */
  readonly originals?: 'sealed' | 'none';
  /** Who looks after captures. */
  readonly captures?: CaptureOffice;
  /** What is stored of whom; without it there are no timelines and no erasures. */
  readonly users?: Omit<UsersOptions, 'store' | 'key' | 'captures'>;
  /** Tokens that somebody made. */
  readonly tokens?: Tokens;
  /** `loop 0.1.0`: written into exported files. */
  readonly createdBy: string;
}

const SHOWN_WHEN_AMBIGUOUS = 5;

/** What a principal asks for; that it may is decided before (dispatch.ts). */
export function createHandlers(options: HandlerOptions): ApiFor {
  return (principal) => {
    const acted = actsOf(options.audit, principal);
    const seen = readers(storeSeenBy(options.store, principal));
    const api = {
      ...seen,
      ...comparisons({ ...options, seen }),
      ...recordings(options, principal, acted),
      ...ofUsers(options, principal, acted),
      ...elsewhere(options, principal, acted),
    };
    return lookingIsTold(api, acted);
  };
}

function readers(store: SeenStore): Pick<LoopApi, 'list' | 'fingerprints' | 'resolve' | 'show'> {
  return {
    list: (query) => attempt(() => store.list(query)),
    fingerprints: (query) => attempt(() => store.fingerprints(query)),
    resolve: (prefix) => attempt(() => resolvePrefix(store, prefix)),
    show: (id) => attempt(() => store.get(id)),
  };
}

function recordings(
  options: HandlerOptions,
  principal: Principal,
  acted: Acted,
): Pick<LoopApi, 'recording' | 'import' | 'testRedaction' | 'testRules' | 'delete'> {
  const { store, key, redaction = NO_RULES, protobuf, rules: judging = () => BUILT_IN } = options;
  const opened = storeHeldBy(store, principal, 'open');
  const importing = takesIn(options, principal);
  return {
    recording: (id, { open }) =>
      attempt(() =>
        readRecording(options, id, { open, acted, held: storeHeldBy(store, principal, open ? 'open' : 'export') }),
      ),
    import: (file, { restore = false } = {}) =>
      attempt(async () => {
        if (restore) requireErase(principal);
        const allowed = (loop: LoopId) => acted('import', { loop, ...(restore && { restore }) });
        return importLoopFile(file, { ...importing, allowed, restore, judging: judging() });
      }),
    testRedaction: (id, written) =>
      attempt(async () => {
        const rules = written === undefined ? redaction : readRules(written);
        await opened.require(id);
        await acted('test-redaction', { loop: id });
        return testRedaction(opened, key, id, { rules, judging: judging(), protobuf });
      }),
    testRules: (asked) =>
      attempt(() =>
        testRules({ store: opened, key, opened: (loop) => acted('test-rules', { loop }) }, asked, judging()),
      ),
    delete: (id) =>
      attempt(async () => {
        await storeHeldBy(store, principal, 'delete').require(id);
        await acted('delete', { loop: id });
        await store.delete(id);
      }),
  };
}

/** What importing asks of an installation, and of who does it. */
function takesIn(
  { store, key, redaction = NO_RULES, originals, protobuf, users }: HandlerOptions,
  principal: Principal,
) {
  const subjects = users?.subjects;
  return {
    store,
    key,
    rules: redaction,
    originals,
    protobuf,
    ...(subjects && { subjectsIn: (transaction: Transaction) => subjects.in(transaction) }),
    fits: requireWrite(principal),
  };
}

function requireErase(principal: Principal): void {
  if (seesAll(principal, 'erase')) return;
  throw new ApiError(
    'forbidden',
    'What was erased comes back only by who may erase.',
    'Ask an admin, or import without --restore.',
  );
}

/** What somebody takes in is of their services, and so is what is here under the same id already. */
function requireWrite(principal: Principal): (summary: LoopSummary) => void {
  const seen = asSeenBy(principal);
  return (summary) => {
    if (seen.holdsAt('write', summary)) return;
    throw new ApiError(
      'forbidden',
      'The file holds transactions of services that are not yours.',
      'Ask somebody who may take in recordings of the whole installation.',
    );
  };
}

function ofUsers(
  options: HandlerOptions,
  principal: Principal,
  acted: Acted,
): Pick<LoopApi, 'originalBody' | 'timeline' | 'erase' | 'audit'> {
  const { store, key, captures, users, told } = options;
  const whole = users && { ...users, store, key, captures, told };
  const timeline = asSeenBy(principal, 'timeline');
  return {
    originalBody: (id, exchange, side) =>
      attempt(() => readOriginalBody(storeHeldBy(store, principal, 'open'), key, { id, exchange, side }, acted)),
    ...userHandlers(
      whole,
      told,
      { loop: (one) => timeline.summary(one), captures: seesAll(principal, 'timeline') },
      acted,
    ),
  };
}

function elsewhere(
  options: HandlerOptions,
  principal: Principal,
  acted: Acted,
): Pick<LoopApi, 'captures' | 'tokens' | 'vitals'> {
  return {
    captures: captureHandlers(options.captures?.by(principal.name), principal),
    tokens: tokenHandlers(options.tokens, principal, acted),
    vitals: unavailable('report of health'),
  };
}

async function resolvePrefix(store: SeenStore, text: string): Promise<LoopId> {
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
  { key, createdBy }: HandlerOptions,
  id: LoopId,
  { open, acted, held }: { readonly open: boolean; readonly acted: Acted; readonly held: HeldStore },
): Promise<Uint8Array> {
  const file = await collectLoopFile(held, id, { createdBy, keyIdOf: wrappedKeyId });
  await acted(open ? 'open' : 'export', {
    loop: id,
    ...withCompanions(file.companions.map(({ summary }) => summary.id)),
  });
  return encodeLoopFile(open ? unsealed(file, key) : file);
}

function unsealed(file: LoopFile, key: StoreKey): LoopFile {
  const opened = openLoopFile(file, key);
  if (opened instanceof SealError) throw opened;
  return opened;
}
