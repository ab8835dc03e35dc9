import type { RunningCapture } from './running.ts';
import type { TreeShown } from './trees.ts';
import { belongs } from './judge.ts';

/** What a tree tells of sessions: seen with the captured user and nobody else, or with another one. Only captures of a user follow sessions. */
export function learn(
  { select, sessions }: RunningCapture,
  tree: TreeShown,
): readonly ReturnType<typeof sessions.see>[] {
  const { user } = select;
  if (user === undefined || tree.sessions.size === 0) return [];
  const users = [...tree.users, ...tree.doubtful];
  if (users.length === 0) return [];
  const other = users.some((shown) => shown !== user) || showsOtherPairs(tree, select.pairs);
  const own = !other && belongs(tree, select, sessions) === 'own';
  // A token that was refused may be anybody's: it makes no session the user's.
  if (own && !tree.admitted.has(user)) return [];
  if (!own && !other) return [];
  return [...tree.sessions].map((session) => sessions.see(session, { at: tree.startedAt, own }));
}

/** The same id in another tenant is another user. */
function showsOtherPairs(tree: TreeShown, pairs: RunningCapture['select']['pairs']): boolean {
  return pairs.some(({ place, value }) => [...tree.valuesAt(place)].some((shown) => shown !== value));
}
