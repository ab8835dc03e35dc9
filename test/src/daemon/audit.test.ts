import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../../src/daemon/audit.ts';
import { openDataDirectory } from '../../../src/daemon/data-directory.ts';
import { loadOrCreateStoreKey } from '../../../src/seal/keyfile.ts';
import { openLocalStore } from '../../../storage/local.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { T0 } from '../../support/transaction.ts';

it('the audit of a data directory is one chain, also while a loopd holds the store', async () => {
  const files = await openDataDirectory(join(temporaryDirectory(), 'data'));
  const key = await loadOrCreateStoreKey(files.keyFile);
  const clock = { now: () => T0 };
  const store = await openLocalStore(files.store, { clock });
  onTestFinished(() => store.close());
  const [loopd, loopctl] = [await openAudit(files, key, clock), await openAudit(files, key, clock)];
  onTestFinished(() => [loopd, loopctl].forEach((audit) => audit.close()));
  await loopd.record({ actor: 'token', act: 'delete', about: { loop: 'one' } });
  await loopctl.record({ actor: 'ada', act: 'open', about: { loop: 'two' } });
  const { entries, chain } = await loopd.page({ limit: 9 });
  expect(entries.map(({ actor, act }) => `${actor} ${act}`)).toEqual(['ada open', 'token delete']);
  expect(chain).toEqual({ whole: true, entries: 2 });
});

it('that cannot be had is said as what cannot be written down', async () => {
  const files = await openDataDirectory(join(temporaryDirectory(), 'data'));
  const key = await loadOrCreateStoreKey(files.keyFile);
  const open = openAudit({ ...files, auditHead: files.keyFile }, key, { now: () => T0 });
  await expect(open).rejects.toMatchObject({ name: 'AuditError', code: 'failed' });
});
