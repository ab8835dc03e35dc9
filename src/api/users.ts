/** What is stored of one user: by time, and gone for good. */
import type { LoopStore } from '../../storage/port.ts';
import type { Subject } from '../../storage/subjects.ts';
import type { CaptureOffice } from '../captures/port.ts';
import type { LoopId } from '../domain/ids.ts';
import type { LoopSummary } from '../domain/loop.ts';
import type { Transaction } from '../domain/transaction.ts';
import { derive } from '../keeping/derive.ts';
import { SealError } from '../seal/errors.ts';
import type { StoreKey } from '../seal/keys.ts';
import type { Erasure, TimelineEntry } from './contract/results.ts';
import type { ReadInputOf } from './contract/inputs.ts';
import type { Acted } from './acts.ts';
import type { AuditReader } from './audit-reader.ts';
import { ApiError } from './error.ts';
import { handedOut } from './handed-out.ts';
import { openedParts } from './opened.ts';

/** How users are told apart, and what of them lies elsewhere. */
export interface UsersOptions {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly subjects: Subjects;
  readonly captures?: CaptureOffice | undefined;
  readonly now: () => number;
  /** For the audit: `user-` and something random. */
  readonly newName: () => string;
  /** Resolves when everything that came before is stored and counted. */
  readonly settled?: (() => Promise<void>) | undefined;
  /** Who was handed copies. */
  readonly told?: AuditReader | undefined;
  /** What memory still holds, and until when: sentences. */
  readonly stillHeld?: (() => readonly string[]) | undefined;
}

export interface Subjects {
  of(user: string): Subject;
  in(transaction: Pick<Transaction, 'exchanges'>): readonly Subject[];
}

/** What somebody sees of a timeline. */
export interface TimelineSeen {
  /** Undefined: not at all. */
  readonly loop: (summary: LoopSummary) => LoopSummary | undefined;
  /** Whether they are told which captures want a loop. */
  readonly captures: boolean;
}

/** By time. */
export async function timelineOf(
  options: UsersOptions,
  { user, since = -Infinity, until = Infinity }: ReadInputOf<'timeline'>,
  sees: TimelineSeen,
  acted: Acted,
): Promise<readonly TimelineEntry[]> {
  const { store, subjects, newName } = options;
  const subject = subjects.of(user);
  await acted('timeline', { user: await store.nameOf(subject, newName()) });
  await noteUnnoted(options);
  const found = await store.loopsOf(subject);
  const shown = found
    .filter(({ startedAt }) => startedAt >= since && startedAt <= until)
    .flatMap((loop) => sees.loop(loop) ?? []);
  return Promise.all(
    shown.map(async (loop) => ({ loop, captures: sees.captures ? await store.wantedBy(loop.id) : [] })),
  );
}

/**
 * Nothing that is stored of the user is there afterwards, and what memory still holds is not kept any more. Rejects with ApiError `invalid`
 * without a reason, StorageError or AuditError; asked again, it goes on where it stopped.
 */
export async function eraseUser(
  options: UsersOptions,
  { user, reason }: ReadInputOf<'erase'>,
  acted: Acted,
): Promise<Erasure> {
  if (reason === '')
    throw new ApiError('invalid', 'An erasure needs a reason.', 'Say who asked for it: --reason "ticket 811".');
  const { store, subjects, captures, now, settled, stillHeld } = options;
  const subject = subjects.of(user);
  await acted('erase', { reason: reason.replaceAll(user, '…') });
  await store.bury(subject, now());
  // Before theirs is noted: what nobody has looked at may show others too.
  await noteUnnoted(options);
  const taken = await captures?.eraseUser(user, async (ids) => {
    for (const id of ids) await store.noteSubjects(id, [subject]);
  });
  // What waits to be stored takes what is stored of the same transaction away, as theirs: that was erased too.
  const before = await store.loopsOf(subject);
  await settled?.();
  const unread = await noteUnnoted(options);
  const left = await store.loopsOf(subject);
  for (const id of inOrder(left)) await store.delete(id, { named: true });
  const loops = new Map([...before, ...left].map((loop) => [loop.id, loop]));
  await store.forgetSubject(subject, hiding(user));
  const copies = options.told === undefined ? [] : await handedOut(options.told, new Set(loops.keys()));
  return {
    ...countsOf([...loops.values()]),
    captures: taken?.captures.length ?? 0,
    notes: [...(stillHeld?.() ?? []), ...copies, ...notesOn(unread), NOT_FOUND],
  };
}

/** How far whoever asked can rely on it. */
const NOT_FOUND =
  'Found is what shows the user at a configured place of ids, or was captured as theirs. Not found is what shows only a session, an id at another place, or the user in the body of an answer.';

/** What an older Loop stored: it is opened, and noted whom it shows. Returns what cannot be opened. */
async function noteUnnoted({ store, key, subjects }: UsersOptions): Promise<readonly LoopId[]> {
  const unread: LoopId[] = [];
  for (const id of await store.unnoted()) {
    try {
      const stored = await store.get(id);
      const parts = await openedParts(store, key, id, stored);
      if (parts instanceof SealError || parts.some(({ disguised }) => disguised !== undefined)) {
        unread.push(id);
        continue;
      }
      const { transaction } = derive({ ...stored.summary, subject: stored.subject, parts });
      await store.noteSubjects(id, subjects.in(transaction));
    } catch {
      // Damaged, or gone meanwhile: whoever asks for it is told why.
      unread.push(id);
    }
  }
  return unread;
}

/** Loops first: what serves them is then named by fewer. */
function inOrder(loops: readonly LoopSummary[]): readonly LoopId[] {
  const serves = ({ purpose }: LoopSummary): number => Number(purpose === 'exemplar' || purpose === 'ambient');
  return loops.toSorted((one, other) => serves(one) - serves(other)).map(({ id }) => id);
}

function countsOf(erased: readonly LoopSummary[]): Pick<Erasure, 'loops' | 'exemplars' | 'bytes'> {
  const loops = erased.filter(({ purpose }) => purpose === 'failure' || purpose === 'capture').length;
  return { loops, exemplars: erased.length - loops, bytes: erased.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function notesOn(unread: readonly LoopId[]): readonly string[] {
  if (unread.length === 0) return [];
  const some = unread.slice(0, 5).join(', ');
  return [
    `${unread.length} recordings cannot be opened, so nobody knows whom they show: ${some}${unread.length > 5 ? ' …' : ''}. They are still there; loopctl delete <id> removes one.`,
  ];
}

/** In JSON text, as it stands there. */
function hiding(user: string): (text: string) => string {
  const spellings = [...new Set([user, JSON.stringify(user).slice(1, -1), encodeURIComponent(user)])];
  return (text) => spellings.reduce((hidden, spelling) => hideWhole(hidden, spelling), text);
}

/** Where it stands alone: `7` is not in `17`. */
function hideWhole(text: string, value: string): string {
  const escaped = value.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return text.replace(new RegExp(String.raw`(?<![\p{L}\p{N}_])${escaped}(?![\p{L}\p{N}_])`, 'gu'), '…');
}
