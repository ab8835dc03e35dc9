/** Whose each exchange tree of a transaction is: read on the assembled tree, where it is known what belongs together. */
import type { Place, UserPlaces } from '../domain/capture.ts';
import type { Exchange, Message } from '../domain/exchange.ts';
import { bodyOf, header, statusOf } from '../domain/exchange.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';
import { readBody } from '../seal/body.ts';
import { sessionsIn, usersIn, valuesAt } from '../wire/users/head.ts';
import type { Head } from '../wire/users/head.ts';
import type { JwtReader } from '../wire/users/jwt.ts';

/** One root and what hangs under it. */
export interface TreeShown {
  readonly root: StreamId;
  /** Of the root, Unix ms. */
  readonly startedAt: number;
  readonly streams: ReadonlySet<StreamId>;
  /** Every user it shows. */
  readonly users: ReadonlySet<string>;
  /** Those shown where they were let in: a refused token may say anything. */
  readonly admitted: ReadonlySet<string>;
  readonly sessions: ReadonlySet<string>;
  /** Users shown by what may hang under it, and may not: the tree does not hold it. */
  readonly doubtful: ReadonlySet<string>;
  valuesAt(place: Place): ReadonlySet<string>;
}

export interface Looking {
  readonly places: UserPlaces;
  readonly jwt: JwtReader;
}

const MIB = 1024 * 1024;
const LIMITS = { decompressedBytes: 2 * MIB, textBytes: 2 * MIB };

/** By start of the root. Where there are several roots, what hangs under one by guess alone counts only when it shows that root's own user. */
export function treesShown(transaction: Transaction, looking: Looking): readonly TreeShown[] {
  const roots = rootsOf(transaction);
  return roots.map((root) => {
    const sure = under(transaction, root.id, roots.length > 1);
    const shown = shownBy(transaction, root, sure, looking);
    const guessed = roots.length > 1 ? guessedUnder(transaction, root.id, sure) : [];
    const branches = guessed.map((streams) => shownBy(transaction, root, streams, looking));
    const own = branches.filter(({ users }) => isOf(shown.users, users));
    const doubtful = new Set(branches.filter((branch) => !own.includes(branch)).flatMap(({ users }) => [...users]));
    const streams = new Set([...sure, ...own.flatMap((branch) => [...branch.streams])]);
    return { ...(own.length === 0 ? shown : shownBy(transaction, root, streams, looking)), doubtful };
  });
}

/** The one user of a tree; undefined when it shows none, or several. */
export function userOf({ users }: TreeShown): string | undefined {
  const [user] = users;
  return users.size === 1 ? user : undefined;
}

function isOf(users: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return others.size > 0 && [...others].every((user) => users.has(user));
}

function rootsOf({ exchanges, links }: Transaction): readonly Exchange[] {
  const children = new Set(links.map(({ child }) => child));
  return exchanges.filter(({ id }) => !children.has(id));
}

function under({ links }: Transaction, root: StreamId, sureOnly: boolean): ReadonlySet<StreamId> {
  const found = new Set([root]);
  for (const parent of found)
    for (const link of links)
      if (link.parent === parent && (!sureOnly || link.confidence === 'context')) found.add(link.child);
  return found;
}

/** What hangs under these streams by guess: each branch by itself. */
function guessedUnder(
  transaction: Transaction,
  root: StreamId,
  sure: ReadonlySet<StreamId>,
): readonly ReadonlySet<StreamId>[] {
  const all = under(transaction, root, false);
  return transaction.links
    .filter(({ child, confidence }) => confidence !== 'context' && all.has(child) && !sure.has(child))
    .map(({ child }) => under(transaction, child, true));
}

function shownBy(
  { exchanges }: Transaction,
  root: Exchange,
  streams: ReadonlySet<StreamId>,
  { places, jwt }: Looking,
): TreeShown {
  const own = exchanges.filter(({ id }) => streams.has(id)).map((exchange) => ({ exchange, heads: headsOf(exchange) }));
  const heads = own.flatMap((one) => one.heads);
  const users = (of: readonly Head[]): ReadonlySet<string> => new Set(of.flatMap((head) => usersIn(head, places, jwt)));
  return {
    root: root.id,
    startedAt: root.startedAt,
    streams,
    users: users(heads),
    admitted: users(own.filter(({ exchange }) => !wasRefused(exchange)).flatMap((one) => one.heads)),
    doubtful: new Set(),
    sessions: new Set(heads.flatMap((head) => sessionsIn(head, places))),
    valuesAt: (place) => new Set(heads.flatMap((head) => valuesAt(place, head, jwt))),
  };
}

function wasRefused(exchange: Exchange): boolean {
  return [401, 403].includes(statusOf(exchange) ?? 0);
}

/** Of both sides, with what a JSON body says. */
export function headsOf({ request, response }: Exchange): readonly Head[] {
  return [
    ...(request === undefined ? [] : [{ side: 'request' as const, headers: request.headers, body: jsonOf(request) }]),
    ...(response === undefined ? [] : [{ side: 'answer' as const, headers: response.headers }]),
  ];
}

function jsonOf(message: Message): () => unknown {
  let known: { readonly value: unknown } | undefined;
  return () => (known ??= { value: parse(message) }).value;
}

function parse(message: Message): unknown {
  const type = header(message.headers, 'content-type');
  if (type === undefined || !/\bjson\b/i.test(type)) return undefined;
  const body = readBody(bodyOf(message), type, header(message.headers, 'content-encoding'), LIMITS);
  if (body.kind !== 'text' || body.cut) return undefined;
  try {
    return JSON.parse(body.text) as unknown;
  } catch {
    return undefined;
  }
}
