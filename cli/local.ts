/** The store of this machine, used without a loopd. */
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { tokenFile } from '../src/access/token-file.ts';
import { Tokens } from '../src/access/tokens.ts';
import { createHandlers } from '../src/api/handlers.ts';
import type { LoopApi } from '../src/api/port.ts';
import { CAPTURE_LIMITS, DEFAULT_PLACES } from '../src/captures/places.ts';
import { captureDesk } from '../src/daemon/captures.ts';
import { systemClock } from '../src/daemon/clock.ts';
import { subjectsBy } from '../src/captures/subjects.ts';
import { tokensFile } from '../src/daemon/access.ts';
import { openAudit } from '../src/daemon/audit.ts';
import { openDataDirectory } from '../src/daemon/data-directory.ts';
import { storedUsers } from '../src/daemon/users.ts';
import { version } from '../src/daemon/version.ts';
import { loadOrCreateStoreKey } from '../src/seal/keyfile.ts';
import { userKey } from '../src/seal/keys.ts';
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
  await using opened = new AsyncDisposableStack();
  opened.defer(() => store.close());
  const audit = await openAudit(files, key, clock);
  opened.defer(() => audit.close());
  // Which tenants there are, only a loopd is told: without one, a token holds everywhere.
  const tokens = await Tokens.open({
    file: tokenFile(tokensFile(files)),
    clock,
    random: (bytes) => randomBytes(bytes),
    tenants: [],
  });
  return await use(
    createHandlers({
      store,
      key,
      audit,
      told: audit,
      tokens,
      users: storedUsers({ subjects: subjectsBy(userKey(key), DESK.places), clock }),
      captures: captureDesk({ ...DESK, store, key, clock, audit }),
      createdBy: `loop ${version()}`,
    })({ name: userInfo().username, by: 'local', grants: [{ role: 'admin' }] }),
  );
}
