/** Puts recordings into the store: found by their keys, derived anew with what they had, sealed, redacted, saved. */
import { forgetOldest } from '../domain/bounded.ts';
import type { Admitted, CaptureGate, JudgedTree } from '../captures/gate.ts';
import { hiding } from '../captures/hide.ts';
import type { Subjects } from '../captures/subjects.ts';
import type { Wish } from '../../storage/captures.ts';
import { openedParts, openedSources } from '../api/opened.ts';
import type { LoopId, TransactionKey } from '../domain/ids.ts';
import type { RecordingPurpose } from '../domain/loop.ts';
import { exchangeById, type Transaction } from '../domain/transaction.ts';
import { derive, present, type Derived, type Recorded } from '../keeping/derive.ts';
import { createDisguise, disguiseOf } from '../keeping/disguise/disguise.ts';
import { Schemas } from '../keeping/schemas.ts';
import type { RecordedPart } from '../recorder/part.ts';
import { sealPart, unwrapKey, wrapKey } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import type { DataKey, StoreKey } from '../seal/keys.ts';
import { newDataKey, redactionKey } from '../seal/keys.ts';
import { createRedactor } from '../seal/redact.ts';
import { NO_RULES, type RedactionRules } from '../seal/rules.ts';
import type { KeepBudget } from '../verdict/budget.ts';
import { BUILT_IN, type RuleSet } from '../verdict/rules/set.ts';
import type { Schema } from '../wire/protobuf/schema.ts';
import { encodePart, type PartContent } from '../wire/segments/part.ts';
import type { Asked, Decision, Room } from './admission.ts';
import { Admission, PASSED } from './admission.ts';
import { loopIdFor } from './identity.ts';
import { judgeBy } from '../keeping/judge.ts';
import { judgeTransaction } from '../verdict/origin.ts';
import type { KnownLoop } from './known-loops.ts';
import { disguised } from './known-loops.ts';
import type { PlannedLoop } from './plan-loops.ts';
import { replaceCompanions } from './retention.ts';
import { onlyNew, streamsIn } from './taken.ts';
import type { Identity, KeyDigest } from '../../storage/keys.ts';
import type { LoopStore, StoredLoop } from '../../storage/port.ts';
import type { Subject } from '../../storage/subjects.ts';
import { assemble } from '../assembly/transaction.ts';

export interface SaverOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly budget: KeepBudget;
  /** Told what became of each failed transaction. */
  readonly decided?: (decision: Decision) => void;
  /** Those in force; by default the built-in ones alone. */
  readonly rules?: () => RuleSet;
  /** On top of the built-in ones. */
  readonly redaction?: RedactionRules;
  /** Descriptors that somebody configured. */
  readonly protobuf?: Schema;
  /** `none`: what is stored, sealed or not, has tokens where somebody's data was. */
  readonly originals?: 'sealed' | 'none';
  /** Decides what captures take. */
  readonly captures?: CaptureGate;
  /** Tells whom a recording shows; without it that is not noted. */
  readonly subjects?: Subjects;
  readonly log: { kept(id: LoopId, purpose: RecordingPurpose): void };
}

/** Since start. */
export interface SaverCounts {
  readonly kept: number;
  readonly overBudget: number;
  /** Not stored: by rules of one's own what failed in them does not count. */
  readonly swallowed: number;
}

/** What a part brings, for every loop it is about. */
export interface Fresh {
  readonly received: RecordedPart;
  readonly fresh: readonly PartContent[];
  readonly digests: readonly KeyDigest[];
  readonly names: readonly TransactionKey[];
  /** All that is known under these. */
  readonly whole: Transaction;
  /** What captures make of the loop's tree. */
  readonly tree?: JudgedTree | undefined;
}

interface Saving {
  readonly recording: Pick<Recorded, 'id' | 'purpose' | 'subject' | 'transaction'>;
  readonly stored: StoredLoop | undefined;
  /** The same, or what it was before it was found to be another. */
  readonly before: StoredLoop | undefined;
  readonly former: readonly PartContent[];
  readonly parts: readonly PartContent[];
  /** Undefined: it is not to be stored. */
  readonly roomFor: (derived: Derived) => Room | undefined;
  readonly identity?: Identity;
  readonly wishes?: readonly Wish[];
  /** Whose captures want it. */
  readonly users?: readonly string[];
}

/** Dropped transactions remembered, so that each is counted once, and stays dropped. */
const DROPPED = 10_000;

export class Saver {
  readonly #options: SaverOptions;
  readonly #schemas: Schemas;
  readonly #admission: Admission;
  #kept = 0;
  #overBudget = 0;
  /** By their first key; late parts of one are dropped again. */
  readonly #dropped = new Set<string>();
  #swallowed = 0;
  /** Loops that showed somebody who was erased: what comes late of one may not say whose it is. */
  readonly #buried = new Set<LoopId>();

  constructor(options: SaverOptions) {
    this.#options = options;
    this.#schemas = new Schemas(options.protobuf);
    this.#admission = new Admission(options.budget, options.decided);
  }

  get counts(): SaverCounts {
    return { kept: this.#kept, overBudget: this.#overBudget, swallowed: this.#swallowed };
  }

  /** What it says of gRPC messages helps to read others. */
  learn(part: RecordedPart): void {
    this.#schemas.learn({ key: part.transaction, parts: [part] });
  }

  rules(): RuleSet {
    return this.#options.rules?.() ?? BUILT_IN;
  }

  /** One loop of those a part is about. False when nothing was to be stored, or not any more. */
  async keep(plan: PlannedLoop<KnownLoop>, about: Fresh): Promise<boolean> {
    const { fresh, digests, tree } = about;
    const { id, known, streams, root } = plan;
    if (this.#buried.has(id)) return false;
    const stored = known.find((loop) => loop.id === id);
    const others = known.filter((loop) => loop !== stored);
    const former = stored?.former ?? [];
    const parts: PartContent[] = [];
    for (const part of [...others.flatMap((other) => other.former), ...fresh]) {
      const rest = onlyNew(part, [...former, ...parts], streams);
      if (rest.records.length > 0 || (rest === part && rest.overwritten > 0)) parts.push(rest);
    }
    const { wishes, users, saved } = await this.#admitted(id, tree, former, parts);
    const failed = plan.failed || known.some((loop) => loop.stored.summary.purpose === 'failure');
    // Nothing is new, or only a capture would have it, and may not take any more.
    if (wishes.length === 0 && (parts.length === 0 || (!failed && known.length === 0))) {
      await this.#release(tree, id);
      return false;
    }
    const purpose = failed ? 'failure' : 'capture';
    const recording = { id, purpose, subject: '', transaction: plan.name } as const;
    const identity = { keys: digests, ...(root !== undefined && { root }) };
    const before = stored?.stored ?? others[0]?.stored;
    const roomFor = (derived: Derived): Room | undefined =>
      wishes.length > 0
        ? this.#admission.captured({ ...this.#asked(plan, about), purpose, derived, stored: before?.summary })
        : this.#roomFor({ ...this.#asked(plan, about), purpose, derived, stored: before?.summary }, about.received);
    const saving = { recording, stored: stored?.stored, before, former, parts, roomFor, identity, wishes, users };
    const kept = await this.#store(saving);
    if (kept) saved();
    await this.#release(tree, id);
    if (kept) for (const other of others) await this.#redirect(other.stored, id, before);
    return kept;
  }

  /** What captures note with the loop. */
  async #admitted(
    id: LoopId,
    tree: JudgedTree | undefined,
    former: readonly PartContent[],
    parts: readonly PartContent[],
  ): Promise<Admitted> {
    if (tree === undefined || this.#options.captures === undefined)
      return { wishes: [], users: [], saved: () => undefined };
    const size = (of: readonly PartContent[]): number => of.reduce((sum, { records }) => sum + records.length, 0);
    const added = size(parts);
    return this.#options.captures.admit(tree, id, { added, all: size(former) + added });
  }

  async #release(tree: JudgedTree | undefined, id: LoopId): Promise<void> {
    if (tree !== undefined) await this.#options.captures?.release(tree, id);
  }

  /** A tree of several under these keys is decided by itself. */
  #asked({ id, name }: PlannedLoop<KnownLoop>, { received, names, whole }: Fresh) {
    const keys = id === loopIdFor('failure', name) ? names : [id];
    return { keys, signature: received.signature, original: () => whole };
  }

  async #redirect({ summary }: StoredLoop, id: LoopId, counted: StoredLoop | undefined): Promise<void> {
    await this.#options.store.redirect(summary.id, id);
    if (summary.id !== counted?.summary.id) this.#admission.merged(summary);
  }

  #drop([key = '']: readonly string[]): void {
    if (!this.#dropped.has(key)) this.#swallowed += 1;
    this.#dropped.add(key);
    forgetOldest(this.#dropped, DROPPED);
  }

  #roomFor(asked: Asked, received: RecordedPart): Room | undefined {
    const mayDrop = asked.purpose === 'failure' && asked.stored === undefined && isJudgedAlone(received);
    const swallowed = mayDrop && isNoFailure(asked, this.rules());
    const room = swallowed ? undefined : this.#admission.ask(asked);
    if (swallowed) this.#drop(asked.keys);
    else if (room === undefined) this.#overBudget += 1;
    return room;
  }

  async keepCompanion(part: RecordedPart): Promise<void> {
    const { purpose, subject, transaction } = part;
    const { store, key } = this.#options;
    const id = await this.#companionId(part);
    const present = await this.#present(id);
    const former = present === undefined ? [] : await formerParts(store, id, present, key);
    const recording = { id, purpose, subject, transaction };
    await this.#store({ recording, stored: present, before: present, former, parts: [part], roomFor: () => PASSED });
  }

  /** Derives, seals and saves. False when the budget is spent. */
  async #store({
    recording,
    stored,
    before,
    former,
    parts,
    roomFor,
    identity,
    wishes = [],
    users = [],
  }: Saving): Promise<boolean> {
    const { store, key, log, redaction = NO_RULES, originals } = this.#options;
    const { id, purpose, subject } = recording;
    const data = stored === undefined ? newDataKey() : openKey(stored, key, id);
    // A loop keeps the tokens it began with, also when the rules have changed since.
    const known = this.#schemas.current;
    const disguise = disguiseOf(former, known) ?? createDisguise(redactionKey(data), redaction, known);
    const kept = originals === 'none' ? disguised(parts, former, disguise) : parts;
    const recorded = { ...recording, parts: [...former, ...kept] };
    const derived = derive(recorded, this.rules());
    const plain = kept === parts ? derived.transaction : assemble(recording.transaction, [...former, ...parts]);
    const subjects = this.#subjectsOf(plain, users);
    if (await this.#isBuried(id, subjects, derived.transaction, stored)) return false;
    const room = roomFor(derived);
    if (room === undefined) return false;
    const hidden = (await this.#options.captures?.hidden(id, wishes)) ?? [];
    const redact = hiding(createRedactor(disguise.key, { rules: redaction }), hidden);
    const companions = await this.#companions(purpose, derived.transaction, before);
    await this.#schemas.study(derived.transaction, () => openedSources(store, key, companions));
    const schema = originals === 'none' ? disguise.schema : this.#schemas.current;
    const { summary, view, search } = present(recorded, derived, redact, schema);
    const wrappedKey = stored?.wrappedKey ?? wrapKey(data, key, id);
    const sealed = kept.map((part, index) => sealPart(encodePart(part), data, id, former.length + index));
    const loop = { summary, subject: redact.text(subject), view, search, wrappedKey, companions, parts: sealed };
    await room.spend(() => store.save(loop, { ...(identity && { identity }), wanted: wishes, subjects }));
    await replaceCompanions(store, summary);
    this.#kept += 1;
    log.kept(id, purpose);
    return true;
  }

  #subjectsOf(plain: Transaction, users: readonly string[]): readonly Subject[] | undefined {
    const { subjects } = this.#options;
    return subjects && [...new Set([...subjects.in(plain), ...users.map((user) => subjects.of(user))])];
  }

  /** It shows somebody who was erased after it began: it is not kept, nor is what is stored of it already, and nobody is counted. */
  async #isBuried(
    id: LoopId,
    subjects: readonly Subject[] = [],
    { exchanges }: Transaction,
    stored: StoredLoop | undefined,
  ): Promise<boolean> {
    const { store } = this.#options;
    const startedAt = exchanges.reduce((first, exchange) => Math.min(first, exchange.startedAt), Infinity);
    if (!(await store.isBuried(subjects, startedAt))) return false;
    if (stored !== undefined) await store.delete(id, { named: true });
    this.#buried.add(id);
    forgetOldest(this.#buried, DROPPED);
    return true;
  }

  /** Stored loops that have any of these keys, and whether one of them was deleted. */
  async known(
    digests: readonly KeyDigest[],
    names: readonly TransactionKey[],
  ): Promise<{ readonly known: readonly KnownLoop[]; readonly deleted: boolean }> {
    const { store, key } = this.#options;
    const found = await store.findByKeys(digests);
    const listed = found.filter(({ deleted }) => !deleted);
    // Loops kept before there were digests are found by their ids.
    const ids = new Set([...listed.map(({ loop }) => loop), ...(await this.#listed(names))]);
    const known: KnownLoop[] = [];
    for (const id of ids) {
      const stored = await store.get(id);
      const former = await formerParts(store, id, stored, key);
      const root = found.find(({ loop }) => loop === id)?.root;
      known.push({ id, root, streams: former.flatMap(streamsIn), stored, former });
    }
    return { known, deleted: found.some(({ deleted }) => deleted) };
  }

  async #listed(names: readonly TransactionKey[]): Promise<readonly LoopId[]> {
    const ids = names.map((name) => loopIdFor('failure', name));
    const found = await Promise.all(ids.map((id) => this.#options.store.findByPrefix(id, 1)));
    return found.flat().filter((id) => ids.includes(id));
  }

  /** The first id stays, whichever of its keys a part comes under. */
  async #companionId({ purpose, transaction, aliases }: RecordedPart): Promise<LoopId> {
    for (const id of [transaction, ...aliases].map((name) => loopIdFor(purpose, name)))
      if ((await this.#options.store.findByPrefix(id, 1)).length > 0) return id;
    return loopIdFor(purpose, transaction);
  }

  async #present(id: LoopId): Promise<StoredLoop | undefined> {
    const [found] = await this.#options.store.findByPrefix(id, 1);
    return found === undefined ? undefined : this.#options.store.get(id);
  }

  /** Chosen when it is first kept: what was ambient then is what the service knew. */
  async #companions(
    purpose: RecordingPurpose,
    transaction: Transaction,
    stored: StoredLoop | undefined,
  ): Promise<readonly LoopId[]> {
    if (purpose === 'exemplar' || purpose === 'ambient') return [];
    if (stored !== undefined) return stored.companions;
    return this.#options.store.companions([
      ...new Set(transaction.exchanges.map((exchange) => exchange.vantage.service)),
    ]);
  }
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

/** The ring sent it for what it saw of it; nobody asked, no capture wants it. */
function isJudgedAlone({ asked, captures }: RecordedPart): boolean {
  return asked !== true && captures === undefined;
}

/**
 * By rules of one's own nothing in it counts, although the ring kept it: a body says so, or somebody recovered. That only when its end is known,
 * because what has not answered yet may still fail. The originals have the word, also where they are not stored.
 */
function isNoFailure({ derived: { transaction, verdict }, original }: Asked, rules: RuleSet): boolean {
  if (verdict.decision === 'keep' || rules.rules.length === 0) return false;
  const whole = original?.();
  if (whole !== undefined && judgeTransaction(whole, judgeBy(rules, whole.commands)).decision === 'keep') return false;
  return verdict.failures.length === 0 || exchangeById(transaction, transaction.entry)?.response?.complete === true;
}
