/** Which loops a part makes or adds to. Pure. */
import type { Exchange } from '../domain/exchange.ts';
import type { LoopId, StreamId, TransactionKey } from '../domain/ids.ts';
import { parseTransactionKey } from '../domain/ids.ts';
import type { RecordingPurpose } from '../domain/loop.ts';
import type { Transaction } from '../domain/transaction.ts';
import { exchangeById } from '../domain/transaction.ts';
import type { Verdict } from '../domain/verdict.ts';
import { bestName, loopIdFor } from './identity.ts';
import type { Member } from './taken.ts';
import { rootsOf, streamsOf } from './trees.ts';

/** A stored loop that has one of the transaction's keys. */
export interface Known {
  readonly id: LoopId;
  /** The top of its tree when it was first kept, if that is known. */
  readonly root: StreamId | undefined;
  /** All that it has. */
  readonly streams: readonly StreamId[];
}

export interface PlannedLoop<Stored extends Known> {
  readonly id: LoopId;
  /** By what it is called, and what a person sees as its key. */
  readonly name: TransactionKey;
  readonly root: StreamId | undefined;
  /** What belongs into it; undefined: everything. */
  readonly streams: ReadonlySet<StreamId> | undefined;
  /** Transactions of the part that are in it, its own and adopted ones. */
  readonly members: readonly Member[];
  /** Failed, or asked for by somebody; false: only captures want it. */
  readonly failed: boolean;
  /** Loops that turn out to be this one. */
  readonly known: readonly Stored[];
}

export interface Whole<Stored extends Known> {
  /** Of all that is known under these keys. */
  readonly transaction: Transaction;
  readonly verdict: Verdict;
  readonly known: readonly Stored[];
  readonly members: readonly [Member, ...Member[]];
  /** Why the recorder sent the part. */
  readonly purpose: RecordingPurpose;
  /** Roots of trees that captures want, and the exchanges that are surely in them. */
  readonly wanted: ReadonlyMap<StreamId, ReadonlySet<StreamId>>;
}

/**
 * A loop for each root that failed, or that a capture wants, with that root's tree; one loop with everything when there is one root only, or nothing failed (it was
 * asked for). The first root of a key has the key's own id. Parts that show a parent above a root leave its loop the id it has; one that
 * turns out to hang in another transaction goes under that one's.
 */
export function planLoops<Stored extends Known>(whole: Whole<Stored>): readonly PlannedLoop<Stored>[] {
  const { transaction, verdict, known, purpose, wanted: captured } = whole;
  const roots = rootsOf(transaction);
  const failed = verdict.failures.flatMap(({ exchange }) => roots.get(exchange) ?? []);
  const wanted = new Set([...failed, ...captured.keys(), ...known.map((loop) => topOf(loop, roots))]);
  const split = failed.length > 0 || purpose === 'capture' || captured.size > 0;
  const tops = transaction.exchanges.flatMap(({ id }) => (split && wanted.has(id) ? [id] : []));
  // A candidate that turned out to be nobody's who is looked for.
  if (purpose === 'capture' && tops.length === 0) return [];
  if (new Set(roots.values()).size <= 1 || tops.length === 0) {
    const plan = named(whole, transaction.entry, known, new Set());
    return [{ ...plan, streams: undefined, members: whole.members, failed: purpose === 'failure', known }];
  }
  const used = new Set<LoopId>();
  return tops.map((root) => {
    const own = known.filter((loop) => topOf(loop, roots) === root);
    for (const loop of known) if (!own.includes(loop)) used.add(loop.id);
    const { id, name } = named(whole, root, own, used);
    used.add(id);
    const tree = failed.includes(root) ? roots : sureRoots(roots, root, captured.get(root));
    const streams = streamsOf(transaction, root, tree);
    const members = whole.members.filter((member) => !member.streams.isDisjointFrom(streams));
    return { id, name, root, streams, members, failed: failed.includes(root), known: own };
  });
}

/** For a capture, what hangs under the root by guess is not in its tree: it may be somebody else's. */
function sureRoots(
  roots: ReadonlyMap<StreamId, StreamId>,
  root: StreamId,
  sure: ReadonlySet<StreamId> | undefined,
): ReadonlyMap<StreamId, StreamId> {
  if (sure === undefined) return roots;
  return new Map([...roots].map(([id, top]) => [id, top === root && !sure.has(id) ? id : top]));
}

function topOf({ root, streams }: Known, roots: ReadonlyMap<StreamId, StreamId>): StreamId | undefined {
  const top = root === undefined ? undefined : roots.get(root);
  return top ?? streams.map((stream) => roots.get(stream)).find((found) => found !== undefined);
}

function named(
  { transaction, members }: Pick<Whole<Known>, 'transaction' | 'members'>,
  root: StreamId | undefined,
  known: readonly Known[],
  used: ReadonlySet<LoopId>,
): { readonly id: LoopId; readonly name: TransactionKey; readonly root: StreamId | undefined } {
  const name = nameOf(root, exchangeById(transaction, root), members);
  const own = loopIdFor('failure', name);
  const further = (of: StreamId | undefined): LoopId => loopIdFor('failure', `${name} ${of ?? ''}`);
  const kept = known.find(({ id }) => id === own) ?? known.find((loop) => loop.id === further(loop.root));
  return { id: kept?.id ?? (used.has(own) ? further(root) : own), name, root };
}

/** Of the part that shows it; else as it says itself. */
function nameOf(
  root: StreamId | undefined,
  exchange: Exchange | undefined,
  [own, ...adopted]: readonly [Member, ...Member[]],
): TransactionKey {
  const member = [own, ...adopted].find(({ streams }) => root !== undefined && streams.has(root));
  if (member !== undefined) return bestName(member.names);
  const { trace, requestId } = exchange ?? {};
  const said = trace === undefined ? requestId && `request:${requestId}` : `trace:${trace.traceId}`;
  const name = (said && parseTransactionKey(said)) || bestName(own.names);
  // The part of another recorder has no root, and may know a better name for what it is called by.
  return own.names.includes(name) ? bestName(own.names) : name;
}
