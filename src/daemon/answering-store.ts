/** A store for people: it says that it cannot answer before they give up. */
import { StorageError } from '../../storage/errors.ts';
import type { LoopStore } from '../../storage/port.ts';

/** What only looks: nothing is undone by not waiting for it any more. */
type Looks = 'list' | 'findByPrefix' | 'get' | 'parts' | 'fingerprints' | 'captures' | 'capturedLoops' | 'loopsOf';

/** A save or two on a disk that is slow but works, ms. */
const PATIENCE_MS = 10_000;

/** `wait` resolves after about so many ms, without holding the process. */
export function answeringStore(store: LoopStore, wait: (ms: number) => Promise<void>): LoopStore {
  const within = async <Value>(answer: Promise<Value>): Promise<Value> => {
    const over = Symbol('over');
    const first = await Promise.race([answer, wait(PATIENCE_MS).then((): typeof over => over)]);
    if (first !== over) return first as Value;
    throw new StorageError(
      'io',
      `The store has not answered for ${PATIENCE_MS / 1000} s: its disk is too slow, or hangs.`,
      'Look at the disk of the data directory. Recording goes on meanwhile; what waits to be stored is in /metrics.',
    );
  };
  const looks: Pick<LoopStore, Looks> = {
    list: (query) => within(store.list(query)),
    findByPrefix: (prefix, limit, whom) => within(store.findByPrefix(prefix, limit, whom)),
    get: (id) => within(store.get(id)),
    parts: (id) => within(store.parts(id)),
    fingerprints: (query) => within(store.fingerprints(query)),
    captures: () => within(store.captures()),
    capturedLoops: (id) => within(store.capturedLoops(id)),
    loopsOf: (subject) => within(store.loopsOf(subject)),
  };
  return new Proxy(store, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(Object.hasOwn(looks, name) ? looks : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
