/** The store of this machine, used without a loopd. */
import { userInfo } from 'node:os';
import { createHandlers } from '../src/api/handlers.ts';
import type { LoopApi } from '../src/api/port.ts';
import { CAPTURE_LIMITS, DEFAULT_PLACES } from '../src/captures/places.ts';
import { captureDesk } from '../src/daemon/captures.ts';
import { systemClock } from '../src/daemon/clock.ts';
import { fileAudit, openDataDirectory } from '../src/daemon/data-directory.ts';
import { version } from '../src/daemon/version.ts';
import { loadOrCreateStoreKey } from '../src/seal/keyfile.ts';
import { openLocalStore } from '../storage/local.ts';
import { note } from './output/format.ts';

/** Of captures that can only be looked at and deleted. */
const DESK = { places: DEFAULT_PLACES, limits: CAPTURE_LIMITS.parse({}), failed: note };

/** `data`: loopd's directory. Closes the store behind `use`. */
export async function withLocalStore<Value>(data: string, use: (api: LoopApi) => Promise<Value>): Promise<Value> {
  const files = await openDataDirectory(data);
  const clock = systemClock();
  const key = await loadOrCreateStoreKey(files.keyFile);
  const store = await openLocalStore(files.store, { clock });
  const audit = fileAudit(files.auditFile, clock, userInfo().username);
  try {
    return await use(
      createHandlers({
        store,
        key,
        audit,
        captures: captureDesk({ ...DESK, store, key, clock, audit }),
        createdBy: `loop ${version()}`,
      })({ name: userInfo().username, by: 'local', grants: [{ role: 'admin' }] }),
    );
  } finally {
    await store.close();
  }
}
