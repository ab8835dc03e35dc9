/** A loopd without sockets: recorder, keeper, captures, counts, audit, store and the real handlers over one data directory. */
import { onTestFinished } from 'vitest';
import { createHandlers } from '../../src/api/handlers.ts';
import { openedParts } from '../../src/api/opened.ts';
import type { ApiFor, LoopApi } from '../../src/api/port.ts';
import { Captures } from '../../src/captures/captures.ts';
import { CaptureGate } from '../../src/captures/gate.ts';
import { CAPTURE_LIMITS, DEFAULT_PLACES } from '../../src/captures/places.ts';
import { openSecrets } from '../../src/captures/sealed.ts';
import { subjectsBy, type Subjects } from '../../src/captures/subjects.ts';
import { userOfEntry } from '../../src/captures/user-of.ts';
import type { AuditLog } from '../../src/audit/log-file.ts';
import { openAudit } from '../../src/daemon/audit.ts';
import { openDataDirectory } from '../../src/daemon/data-directory.ts';
import { Keeper } from '../../src/daemon/keeper.ts';
import { Outage } from '../../src/daemon/outage.ts';
import { recordedUsers } from '../../src/daemon/users.ts';
import { captureIdFrom } from '../../src/domain/capture.ts';
import type { LoopSummary, RecordingPurpose } from '../../src/domain/loop.ts';

import { SealError } from '../../src/seal/errors.ts';
import { loadOrCreateStoreKey } from '../../src/seal/keyfile.ts';
import { storeRedactionKey, userKey, type StoreKey } from '../../src/seal/keys.ts';
import { createRedactor } from '../../src/seal/redact.ts';
import { KeepBudget } from '../../src/verdict/budget.ts';
import { openLocalStore } from '../../storage/local.ts';
import type { LoopStore } from '../../storage/port.ts';
import { ADMIN } from './api.ts';
import { filesBelow } from './leaks.ts';
import { Bench } from './recorder.ts';
import { temporaryDirectory } from './temporary.ts';

export interface ErasureBench {
  readonly bench: Bench;
  readonly api: LoopApi;
  readonly apiFor: ApiFor;
  readonly store: LoopStore;
  readonly audit: AuditLog;
  readonly keeper: Keeper;
  readonly subjects: Subjects;
  readonly directory: string;
  readonly complaints: readonly string[];
  /** Lets everything come to rest. */
  settle(): Promise<void>;
  /** Every loop there is, whatever it is for. */
  loops(): Promise<readonly LoopSummary[]>;
  /** All that whoever has the directory with its key can read of it: every file as it lies there, and every seal opened. */
  readable(): Promise<readonly (string | Uint8Array)[]>;
}

/** `directory`: of an installation that was there before. */
export async function erasureBench(directory: string = temporaryDirectory()): Promise<ErasureBench> {
  const bench = new Bench({ ringBytes: 8 * 1024 * 1024 });
  const { clock } = bench;
  const files = await openDataDirectory(directory);
  const key = await loadOrCreateStoreKey(files.keyFile);
  const store = await openLocalStore(files.store, { clock });
  const audit = await openAudit(files, key, clock);
  const complaints: string[] = [];
  const subjects = subjectsBy(userKey(key), DEFAULT_PLACES);
  const outage = new Outage({
    store,
    clock,
    userKey: userKey(key),
    userOf: userOfEntry(DEFAULT_PLACES),
    loopsPerHour: 1000,
    redact: createRedactor(storeRedactionKey(key)),
    order: () => undefined,
    failed: (error) => complaints.push(String(error)),
  });
  const limits = CAPTURE_LIMITS.parse({});
  let captured = 0;
  const captures = new Captures({
    store,
    key,
    clock,
    limits,
    audit,
    places: DEFAULT_PLACES,
    newId: () => captureIdFrom(Buffer.from(String((captured += 1)).padStart(8, '0'))),
    recorder: (order) => bench.recorder.captures(order),
    schedule: (ms, run) => clock.schedule(ms, run),
    failed: (error) => complaints.push(String(error)),
  });
  const keeper = new Keeper({
    store,
    key,
    subjects,
    originals: 'sealed',
    backlogBytes: 1 << 28,
    wait: async () => undefined,
    budget: new KeepBudget(1000, clock),
    decided: (decision) => outage.decided(decision),
    waiting: outage,
    captures: new CaptureGate({ captures, store, limits, places: DEFAULT_PLACES, now: () => clock.now() }),
    log: { kept: () => undefined, failed: (message) => complaints.push(message) },
  });
  await captures.resume();
  onTestFinished(async () => {
    await outage.stop();
    await keeper.stop();
    await captures.close();
    audit.close();
    await store.close();
  });
  const apiFor = createHandlers({
    store,
    key,
    audit,
    captures,
    told: audit,
    createdBy: 'loop test',
    users: recordedUsers({ subjects, clock, keeper, outage, reach: () => ({ memory: 90, history: undefined }) }),
  });
  const loops = (): Promise<readonly LoopSummary[]> => allLoops(store);
  return {
    bench,
    api: apiFor(ADMIN),
    apiFor,
    store,
    audit,
    keeper,
    subjects,
    directory,
    complaints,
    loops,
    async settle() {
      for (let round = 0; round < 6; round += 1) {
        bench.settle();
        for (const part of bench.takeParts()) keeper.take(part);
        for (const report of bench.captureReports.splice(0)) keeper.after(() => captures.hear(report));
        await new Promise<void>((resolve) => keeper.after(resolve));
      }
      await captures.flush();
      await outage.write();
    },
    readable: async () => [...filesBelow(directory), ...(await opened(store, key))],
  };
}

const PURPOSES: readonly RecordingPurpose[] = ['failure', 'capture', 'exemplar', 'ambient'];

async function allLoops(store: LoopStore): Promise<readonly LoopSummary[]> {
  const pages = await Promise.all(PURPOSES.map((purpose) => store.list({ purpose, limit: 500 })));
  return pages.flatMap((page) => page.loops);
}

/** Every seal of the store, and what it lists in clear. */
async function opened(store: LoopStore, key: StoreKey): Promise<readonly (string | Uint8Array)[]> {
  const found: (string | Uint8Array)[] = [JSON.stringify(await store.fingerprints({ limit: 500 }))];
  for (const { id, sealed } of await store.captures()) found.push(JSON.stringify(openSecrets(sealed, key, id)));
  for (const { id } of await allLoops(store)) {
    const stored = await store.get(id);
    const parts = await openedParts(store, key, id, stored);
    if (parts instanceof SealError) throw parts;
    found.push(JSON.stringify(stored.summary), stored.view, ...parts.map(({ records }) => records));
  }
  return found;
}
