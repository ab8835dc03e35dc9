/** A store as a principal sees it. Handlers ask this one, so that none can forget to. */
import { StorageError } from '../../../storage/errors.ts';
import type { LoopStore, StoredLoop } from '../../../storage/port.ts';
import { seesAll, type Permission, type Principal } from '../../domain/access.ts';
import type { LoopId } from '../../domain/ids.ts';
import type { LoopSummary } from '../../domain/loop.ts';
import { ApiError } from '../error.ts';
import { asSeenBy, type Seen } from './as-seen-by.ts';

/** What is read of loops: summaries and views, masked where they cross tenants. */
export type SeenStore = Pick<LoopStore, 'list' | 'fingerprints' | 'findByPrefix' | 'get'>;
/** What is done with loops as a whole. */
export interface HeldStore extends Pick<LoopStore, 'list' | 'get' | 'parts'> {
  /** Asked before an act is written down. Rejects as `get` does. */
  require(id: LoopId): Promise<void>;
}

export function storeSeenBy(store: LoopStore, principal: Principal, permission: Permission = 'read'): SeenStore {
  const seen = asSeenBy(principal, permission);
  return {
    list: async (query) => {
      const needed = query.purpose === 'capture' ? 'timeline' : permission;
      const page = await store.list({ ...query, within: seen.within(needed) });
      return { ...page, loops: page.loops.flatMap((loop) => seen.summary(loop) ?? []) };
    },
    fingerprints: async (query) => {
      const found = await store.fingerprints({ ...query, within: seen.within(permission) });
      return found.flatMap((counted) => seen.fingerprint(counted) ?? []);
    },
    findByPrefix: (prefix, limit) =>
      store.findByPrefix(prefix, limit, { captures: seen.within('timeline'), others: seen.within(permission) }),
    get: async (id) => shownTo(seen, await store.get(id), id),
  };
}

/**
 * Only loops at all of whose services the permission is held: others are not there, or, where they are seen in part, refused with ApiError
 * `forbidden`. Companions that are not held are left out.
 */
export function storeHeldBy(store: LoopStore, principal: Principal, permission: Permission): HeldStore {
  const seen = asSeenBy(principal);
  const holds = (summary: LoopSummary) => seen.summary(summary) !== undefined && seen.holdsAt(permission, summary);
  const held = async (id: LoopId): Promise<StoredLoop> => {
    const found = await store.get(id);
    if (seen.summary(found.summary) === undefined) throw absent(id);
    if (holds(found.summary)) return found;
    throw new ApiError(
      'forbidden',
      `Loop ${id} crosses services of others: this needs the permission "${permission}" at each service of it.`,
      'Ask somebody who has it for the whole installation.',
    );
  };
  return {
    list: async (query) => {
      const page = await store.list({ ...query, within: seen.within(permission) });
      return { ...page, loops: page.loops.filter(holds) };
    },
    get: async (id) => {
      const found = await held(id);
      return { ...found, companions: await heldOf(store, found.companions, holds) };
    },
    parts: async (id) => {
      await held(id);
      return store.parts(id);
    },
    require: async (id) => {
      // Whoever may everywhere may also what is damaged: to delete it, for one.
      if (!seesAll(principal, permission)) await held(id);
    },
  };
}

/** A companion that cannot be read is not known to be held. */
async function heldOf(
  store: LoopStore,
  companions: readonly LoopId[],
  holds: (summary: LoopSummary) => boolean,
): Promise<readonly LoopId[]> {
  const found: LoopId[] = [];
  for (const id of companions) {
    const summary = await store.get(id).then(
      (companion) => companion.summary,
      () => undefined,
    );
    if (summary === undefined || holds(summary)) found.push(id);
  }
  return found;
}

function shownTo(seen: Seen, found: StoredLoop, id: LoopId): StoredLoop {
  const summary = seen.summary(found.summary);
  if (summary === undefined) throw absent(id);
  const view = seen.viewText(found.summary, found.view);
  if (view !== undefined) return { ...found, summary, view };
  throw new ApiError('corrupt', `The view of loop ${id} cannot be read by this version.`, 'Upgrade this Loop.');
}

/** As the store itself says it. */
function absent(id: LoopId): StorageError {
  return new StorageError('not-found', `There is no loop ${id}.`, 'List them with: loopctl list failures');
}
