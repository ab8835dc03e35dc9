/** A store that tells what changes in it, once it is durable. */
import type { EventLog } from '../api/events.ts';
import { forgetOldest } from '../domain/bounded.ts';
import type { RecordingPurpose } from '../domain/loop.ts';
import type { LoopStore } from '../../storage/port.ts';

export interface Announced {
  readonly store: LoopStore;
  /** Where a failure began, of those that were counted lately. */
  readonly serviceOf: (fingerprint: string) => string | undefined;
}

/** Fingerprints whose service is remembered. */
const REMEMBERED = 10_000;
/** What lists show: the others serve replays. */
const TOLD: readonly RecordingPurpose[] = ['failure', 'capture'];

export function announcedStore(store: LoopStore, log: EventLog): Announced {
  const services = new Map<string, string>();
  const changes: Partial<LoopStore> = {
    async save(loop, options) {
      const { summary } = loop;
      const told = TOLD.includes(summary.purpose);
      const known = told && (await store.findByPrefix(summary.id, 1)).length > 0;
      await store.save(loop, options);
      if (told) log.publish({ kind: known ? 'loop-changed' : 'loop-kept', loop: summary });
      for (const { capture } of options?.wanted ?? []) log.publish({ kind: 'capture-changed', id: capture });
    },
    async delete(id, options) {
      await store.delete(id, options);
      log.publish({ kind: 'loop-deleted', id });
    },
    async countFailures(counts) {
      await store.countFailures(counts);
      for (const { fingerprint, what } of counts) if (what !== undefined) services.set(fingerprint, what.service);
      forgetOldest(services, REMEMBERED);
      const fingerprints = counts.map(({ fingerprint }) => fingerprint);
      if (fingerprints.length > 0) log.publish({ kind: 'failures-counted', fingerprints });
    },
    async putCapture(capture) {
      await store.putCapture(capture);
      log.publish({ kind: 'capture-changed', id: capture.id });
    },
    async deleteCapture(id) {
      const loops = await store.deleteCapture(id);
      log.publish({ kind: 'capture-changed', id });
      return loops;
    },
  };
  return { store: over(store, changes), serviceOf: (fingerprint) => services.get(fingerprint) };
}

/** Whatever else a store can do, it does itself. */
function over(store: LoopStore, changes: Partial<LoopStore>): LoopStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(Object.hasOwn(changes, name) ? changes : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
