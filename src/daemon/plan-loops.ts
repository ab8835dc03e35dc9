/** Which loops a part makes or adds to. Pure. */
import type { Exchange } from '../domain/exchange.ts';
import type { LoopId, StreamId, TransactionKey } from '../domain/ids.ts';
import { parseTransactionKey } from '../domain/ids.ts';
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
  /** Loops that turn out to be this one. */
  readonly known: readonly Stored[];
}

export interface Whole<Stored extends Known> {
  /** Of all that is known under these keys. */
  readonly transaction: Transaction;
  readonly verdict: Verdict;
  readonly known: readonly Stored[];
  readonly members: readonly [Member, ...Member[]];
}

/**
 * A loop for each root that failed, with that root's tree; one loop with everything when there is one root only, or nothing failed (it was
 * asked for). The first root of a key has the key's own id. Parts that show a parent above a root leave its loop the id it has; one that
 * turns out to hang in another transaction goes under that one's.
 */
export function planLoops<Stored extends Known>(whole: Whole<Stored>): readonly PlannedLoop<Stored>[] {
  const { transaction, verdict, known } = whole;
  const roots = rootsOf(transaction);
  const failed = verdict.failures.flatMap(({ exchange }) => roots.get(exchange) ?? []);
  const wanted = new Set([...failed, ...known.map((loop) => topOf(loop, roots))]);
  const tops = transaction.exchanges.flatMap(({ id }) => (failed.length > 0 && wanted.has(id) ? [id] : []));
  if (new Set(roots.values()).size <= 1 || tops.length === 0)
    return [{ ...named(whole, transaction.entry, known, new Set()), streams: undefined, known }];
  const used = new Set<LoopId>();
  return tops.map((root) => {
    const own = known.filter((loop) => topOf(loop, roots) === root);
    for (const loop of known) if (!own.includes(loop)) used.add(loop.id);
    const { id, name } = named(whole, root, own, used);
    used.add(id);
    return { id, name, root, streams: streamsOf(transaction, root, roots), known: own };
  });
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
  return (said && parseTransactionKey(said)) || bestName(own.names);
}
