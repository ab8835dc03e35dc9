/** Whether an exchange tree is a capture's. No tree is that shows another user as well. */
import type { Selector } from '../domain/capture.ts';
import type { Sessions } from './sessions.ts';
import type { TreeShown } from './trees.ts';

/**
 * - `own`      shows the user, or what else is asked for
 * - `session`  shows a session that was the user's then
 * - `shared`   shows what is asked for, and another user or another value in its place too: not taken
 * - `none`     does not show what is asked for
 */
export type Belonging = 'own' | 'session' | 'shared' | 'none';

export function belongs(tree: TreeShown, { user, pairs }: Selector, sessions: Sessions): Belonging {
  const values = pairs.map(({ place, value }) => ({ value, shown: tree.valuesAt(place) }));
  if (!values.every(({ value, shown }) => shown.has(value))) return 'none';
  const mixed = values.some(({ shown }) => shown.size > 1);
  if (user === undefined) return mixed ? 'shared' : 'own';
  const direct = tree.users.has(user);
  const followed = [...tree.sessions].some((session) => sessions.isOwn(session, tree.startedAt));
  if (!direct && !followed) return 'none';
  if (mixed || tree.users.size > (direct ? 1 : 0)) return 'shared';
  // A session may have gone over to whoever may be in there.
  if (!direct && [...tree.doubtful].some((other) => other !== user)) return 'shared';
  return direct ? 'own' : 'session';
}
