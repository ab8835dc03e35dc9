/**
 * Parts become loops: opened, assembled with what is already stored, judged, sealed, saved. One part at a time, so that two parts of one
 * transaction never race; what waits is bounded in bytes, and what does not fit is counted and named in the health.
 */
import { createHash } from 'node:crypto';
import { openedParts, openedSources } from '../api/opened.ts';
import { derive, present } from '../keeping/derive.ts';
import { createDisguise, disguiseOf } from '../keeping/disguise/disguise.ts';
import { disguisePart } from '../keeping/disguise/part.ts';
import type { LoopId } from '../domain/ids.ts';
import { loopIdFrom } from '../domain/ids.ts';
import type { RecordingPurpose } from '../domain/loop.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { RecordedPart } from '../recorder/part.ts';
import { sealPart, unwrapKey, wrapKey } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import type { DataKey, StoreKey } from '../seal/keys.ts';
import { newDataKey, redactionKey } from '../seal/keys.ts';
import { createRedactor } from '../seal/redact.ts';
import { Schemas } from '../keeping/schemas.ts';
import { NO_RULES, type RedactionRules } from '../seal/rules.ts';
import type { KeepBudget } from '../verdict/budget.ts';
import type { Schema } from '../wire/protobuf/schema.ts';
import type { PartContent } from '../wire/segments/part.ts';
import { encodePart } from '../wire/segments/part.ts';
import { replaceCompanions } from './retention.ts';
import { StorageError } from '../../storage/errors.ts';
import type { LoopStore, SealedPart, StoredLoop } from '../../storage/port.ts';

export interface KeeperOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly budget: KeepBudget;
  /** On top of the built-in ones. */
  readonly redaction?: RedactionRules;
  /** Descriptors that somebody configured. */
  readonly protobuf?: Schema;
  /** `none`: what is stored, sealed or not, has tokens where somebody's data was. */
  readonly originals?: 'sealed' | 'none';
  /** Bytes of parts that may wait. */
  readonly backlogBytes: number;
  /** Resolves after about so many ms. */
  readonly wait: (ms: number) => Promise<void>;
  readonly log: KeeperLog;
}

export interface KeeperLog {
  kept(id: LoopId, purpose: RecordingPurpose): void;
  failed(message: string, hint: string | undefined): void;
}

/** Counts since start. */
export interface KeeperStats {
  readonly kept: number;
  readonly overBudget: number;
  /** Parts that found no room to wait, or could not be saved. */
  readonly lost: number;
  readonly lostBytes: number;
  readonly backlogBytes: number;
}

const RETRY_MS = 2_000;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #schemas: Schemas;
  #queue: Promise<void> = Promise.resolve();
  #backlog = 0;
  #kept = 0;
  #overBudget = 0;
  #lost = 0;
  #lostBytes = 0;
  #trouble: string | undefined;
  #stopping = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#schemas = new Schemas(options.protobuf);
  }

  /** Takes a part over. Never throws. */
  take(part: RecordedPart): void {
    if (this.#backlog + part.records.length > this.#options.backlogBytes) {
      this.#lose(part, `${this.#backlog} bytes of recordings wait to be stored; there is no room for more`);
      return;
    }
    this.#backlog += part.records.length;
    this.#queue = this.#queue.then(() => this.#save(part)).finally(() => (this.#backlog -= part.records.length));
  }

  stats(): KeeperStats {
    return {
      kept: this.#kept,
      overBudget: this.#overBudget,
      lost: this.#lost,
      lostBytes: this.#lostBytes,
      backlogBytes: this.#backlog,
    };
  }

  /** One sentence while recordings cannot be stored. */
  trouble(): string | undefined {
    return this.#trouble;
  }

  /** Stores what waits; gives up on a full disk instead of waiting for space. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#queue;
  }

  async #save(part: RecordedPart): Promise<void> {
    for (;;) {
      try {
        await this.#keep(part);
        this.#trouble = undefined;
        return;
      } catch (error) {
        if (error instanceof StorageError && error.code === 'deleted') return; // A person deleted it: its late parts go too.
        if (!(error instanceof StorageError) || error.code !== 'full' || this.#stopping) return this.#lose(part, error);
        if (this.#trouble === undefined) this.#options.log.failed(error.message, error.hint);
        this.#trouble = error.message;
        await this.#options.wait(RETRY_MS);
      }
    }
  }

  async #keep(taken: RecordedPart): Promise<void> {
    const { store, key, budget, log, redaction = NO_RULES, originals } = this.#options;
    const { id, stored } = await this.#find(taken);
    const data = stored === undefined ? newDataKey() : openKey(stored, key, id);
    const former = stored === undefined ? [] : await formerParts(store, id, stored, key);
    this.#schemas.learn({ key: taken.transaction, parts: [taken] });
    // A loop keeps the tokens it began with, also when the rules have changed since.
    const disguise = disguiseOf(former) ?? createDisguise(redactionKey(data), redaction);
    const part = originals === 'none' ? disguisePart(taken, former, disguise) : taken;
    const { purpose, subject, transaction } = part;
    const recorded = { id, purpose, subject, transaction, parts: [...former, part] };
    const derived = derive(recorded);
    if (purpose === 'failure' && stored === undefined && !budget.admit(derived.verdict.fingerprint, id)) {
      this.#overBudget += 1;
      return;
    }
    const redact = createRedactor(disguise.key, { rules: redaction });
    const companions = await this.#companions(purpose, derived.transaction, stored);
    await this.#schemas.study(derived.transaction, () => openedSources(store, key, companions));
    const { summary, view } = present(recorded, derived, redact, this.#schemas.current);
    await store.save({
      summary,
      subject: redact.text(subject),
      view,
      wrappedKey: stored?.wrappedKey ?? wrapKey(data, key, id),
      companions,
      parts: [sealedPart(part, data, id, former.length)],
    });
    await replaceCompanions(store, summary);
    this.#kept += 1;
    log.kept(id, purpose);
  }

  /** A part may come under any key its transaction has: the first id stays. */
  async #find(part: RecordedPart): Promise<{ readonly id: LoopId; readonly stored?: StoredLoop }> {
    const ids = [part.transaction, ...part.aliases].map((name) => loopIdFor(part.purpose, name));
    for (const id of ids) {
      const [present] = await this.#options.store.findByPrefix(id, 1);
      if (present !== undefined) return { id, stored: await this.#options.store.get(id) };
    }
    return { id: loopIdFor(part.purpose, part.transaction) };
  }

  /** Chosen when it is first kept: what was ambient then is what the service knew. */
  async #companions(
    purpose: RecordingPurpose,
    transaction: Transaction,
    stored: StoredLoop | undefined,
  ): Promise<readonly LoopId[]> {
    if (purpose !== 'failure') return [];
    if (stored !== undefined) return stored.companions;
    return this.#options.store.companions([
      ...new Set(transaction.exchanges.map((exchange) => exchange.vantage.service)),
    ]);
  }

  #lose(part: RecordedPart, why: unknown): void {
    this.#lost += 1;
    this.#lostBytes += part.records.length;
    const said = why instanceof Error ? why.message : String(why);
    this.#trouble = `Recordings were lost: ${said}`;
    this.#options.log.failed(
      `A recording of ${part.records.length} bytes (${part.purpose}, ${part.transaction}) was lost: ${said}`,
      undefined,
    );
  }
}

/** A transaction is one loop whatever sink names it; the same transaction as exemplar or ambient is another recording. */
function loopIdFor(purpose: RecordingPurpose, transaction: string): LoopId {
  return loopIdFrom(createHash('sha256').update(`${purpose} ${transaction}`).digest());
}

function openKey(stored: StoredLoop, key: StoreKey, id: LoopId): DataKey {
  const data = unwrapKey(stored.wrappedKey, key, id);
  if (data instanceof SealError) throw data;
  return data;
}

async function formerParts(
  store: LoopStore,
  id: LoopId,
  stored: StoredLoop,
  key: StoreKey,
): Promise<readonly PartContent[]> {
  const opened = await openedParts(store, key, id, stored);
  if (opened instanceof SealError) throw opened;
  return opened;
}

function sealedPart(part: RecordedPart, data: DataKey, id: LoopId, index: number): SealedPart {
  return sealPart(encodePart(part), data, id, index);
}
