/** What leaves the store by itself: loops past their age, and companions that newer ones of the same call have replaced. */
import type { Clock } from '../domain/clock.ts';
import type { LoopId } from '../domain/ids.ts';
import type { LoopSummary, RecordingPurpose } from '../domain/loop.ts';
import { foldPath } from '../domain/route.ts';
import { StorageError } from '../../storage/errors.ts';
import type { LoopStore } from '../../storage/port.ts';

const DAY_MS = 86_400_000;
const PAGE = 500;

/** How many recordings of one call (service, method, route) are kept beside the loops. */
const COMPANIONS_KEPT: Readonly<Record<Exclude<RecordingPurpose, 'failure' | 'capture'>, number>> = {
  ambient: 2,
  exemplar: 3,
};

/** How many starts of connections are kept of one service: a pool's are not alike (the first asks more, a migration runs on one), and a service may have two databases. */
const CONNECTIONS_KEPT = 8;

/** Deletes loops that began more than `days` ago, oldest pages last, captures that ended by then, and forgets failures not seen since; returns how many loops. Rejects with StorageError. */
export async function deleteExpired(store: LoopStore, days: number, clock: Clock): Promise<number> {
  const limit = clock.now() - days * DAY_MS;
  let deleted = 0;
  for (const purpose of ['failure', 'capture', 'exemplar', 'ambient'] as const) {
    const expired = (await everyLoop(store, purpose)).filter((loop) => loop.startedAt < limit);
    for (const { id } of expired) deleted += await deleteUnlessNamed(store, id);
  }
  await store.expireFingerprints(limit);
  for (const { id, until } of await store.captures()) if (until < limit) await store.deleteCapture(id);
  return deleted;
}

/** Called after a companion was saved: older ones of the same call go, unless a loop names them. */
export async function replaceCompanions(store: LoopStore, saved: LoopSummary): Promise<void> {
  if (saved.purpose === 'failure' || saved.purpose === 'capture') return;
  const { loops } = await store.list({ purpose: saved.purpose, service: saved.service, limit: PAGE });
  const same = loops.filter((loop) => callOf(loop) === callOf(saved));
  for (const { id } of same.slice(keptOf(saved.purpose, saved.method))) await deleteUnlessNamed(store, id);
}

/** The method of what begins with no request, a connection's start, is `?`. */
function keptOf(purpose: 'ambient' | 'exemplar', method: string): number {
  return purpose === 'ambient' && method === '?' ? CONNECTIONS_KEPT : COMPANIONS_KEPT[purpose];
}

function callOf({ service, method, path }: LoopSummary): string {
  return `${service} ${method} ${foldPath(path)}`;
}

async function everyLoop(store: LoopStore, purpose: RecordingPurpose): Promise<readonly LoopSummary[]> {
  const all: LoopSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ purpose, limit: PAGE, cursor });
    all.push(...page.loops);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}

async function deleteUnlessNamed(store: LoopStore, id: LoopId): Promise<0 | 1> {
  try {
    await store.delete(id);
    return 1;
  } catch (error) {
    if (error instanceof StorageError && error.code === 'conflict') return 0; // A loop still needs it for its replay.
    throw error;
  }
}
