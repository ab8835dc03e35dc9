/** An installation of Loop in a temporary directory, asked in process or over HTTP. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createClient } from '../../src/api/client/client.ts';
import { createHandlers } from '../../src/api/handlers.ts';
import type { ApiFor, LoopApi } from '../../src/api/port.ts';
import { Access, type AccessOptions } from '../../src/access/access.ts';
import { tokenFile } from '../../src/access/token-file.ts';
import { serveAccess } from '../../src/api/server/access.ts';
import { createServer, type ServerOptions } from '../../src/api/server/server.ts';
import type { Principal } from '../../src/domain/access.ts';
import type { AuditedAct } from '../../src/domain/audit.ts';
import { loadOrCreateStoreKey } from '../../src/seal/keyfile.ts';
import type { StoreKey } from '../../src/seal/keys.ts';
import { newDataKey } from '../../src/seal/keys.ts';
import { sealPart, wrapKey } from '../../src/seal/envelope.ts';
import { openLocalStore } from '../../storage/local.ts';
import type { LoopStore } from '../../storage/port.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { loopSummary } from './transaction.ts';
import { temporaryDirectory } from './temporary.ts';

export const TOKEN = 'a token of the tests';
export const ADMIN: Principal = { id: 'generated', name: 'token', by: 'token', grants: [{ role: 'admin' }] };

export interface TestInstallation {
  readonly apiFor: ApiFor;
  /** The admin's. */
  readonly handlers: LoopApi;
  readonly store: LoopStore;
  readonly key: StoreKey;
  /** `act loop`, as audited. */
  readonly acts: readonly string[];
}

export async function installation(): Promise<TestInstallation> {
  const directory = temporaryDirectory();
  const key = await loadOrCreateStoreKey(join(directory, 'data', 'key'));
  const store = await openLocalStore(join(directory, 'store'), { clock: { now: () => 0 } });
  onTestFinished(() => store.close());
  const acts: string[] = [];
  const audit = {
    record: async ({ act, about }: AuditedAct) => void acts.push([act, ...Object.values(about)].join(' ')),
  };
  const apiFor = createHandlers({ store, key, audit, createdBy: 'loop test' });
  return { apiFor, handlers: apiFor(ADMIN), store, key, acts };
}

/** The same installation behind HTTP on a port of the system's choice, the same for whoever asks unless `more` says otherwise. */
export async function served(
  handlers: LoopApi,
  more: Partial<ServerOptions> = {},
): Promise<{ readonly url: string; readonly client: LoopApi }> {
  const server = createServer({
    apiFor: () => handlers,
    ...serveAccess({ access: await testAccess(), version: '0.0.0' }),
    // Whom a test makes up, the access never knew.
    ...(more.who && { goesOn: () => true }),
    hosts: [],
    metrics: async () => ({ type: 'text/plain', text: 'loop_test 1\n' }),
    trouble: () => undefined,
    ...more,
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  return { url, client: createClient({ url, token: TOKEN }) };
}

/** Where TOKEN is the generated one. */
export async function testAccess(more: Partial<AccessOptions> = {}): Promise<Access> {
  return Access.open({
    token: TOKEN,
    file: tokenFile(join(temporaryDirectory(), 'tokens.json')),
    clock: { now: () => 0 },
    random: randomBytes,
    tenants: [],
    guard: { hosts: [] },
    idleMs: 3_600_000,
    longestMs: 86_400_000,
    ...more,
  });
}

/** Saves loop `number`, really sealed, with `records` as its one part. */
export async function saveLoop(
  { store, key }: TestInstallation,
  number: number,
  records: Uint8Array,
  more: Partial<LoopSummary> = {},
): Promise<LoopSummary> {
  const summary = loopSummary(number, more);
  const data = newDataKey();
  await store.save({
    summary,
    subject: '',
    wrappedKey: wrapKey(data, key, summary.id),
    view: '{"version":1}',
    companions: [],
    parts: [sealPart(records, data, summary.id, 0)],
  });
  return summary;
}
