import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openLocalStore } from '../../../storage/local.ts';
import { StorageError } from '../../../storage/errors.ts';
import type { LoopStore } from '../../../storage/port.ts';
import { openStoreThread } from '../../../storage/thread/client.ts';
import { storeContract } from '../../contracts/store-contract.ts';
import { ManualTime } from '../../support/manual-time.ts';
import { sealedLoop } from '../../support/sealed-loop.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { fingerprint, loopId } from '../../support/transaction.ts';

const clock = new ManualTime();
const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

storeContract('a store on a thread of its own', {
  open: () => {
    directories.push(mkdtempSync(join(tmpdir(), 'loop-store-')));
    return openStoreThread(directories.at(-1) ?? '', { clock });
  },
  reopen: () => openStoreThread(directories.at(-1) ?? '', { clock }),
});

async function open(directory = temporaryDirectory()): Promise<LoopStore> {
  const store = await openStoreThread(directory, { clock });
  onTestFinished(() => store.close());
  return store;
}

describe('across the thread', () => {
  it('errors keep code, message and hint', async () => {
    const store = await open();
    const error = await store.get(loopId(9)).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({
      code: 'not-found',
      message: `There is no loop ${loopId(9)}.`,
      hint: 'List them with: loopctl list failures',
    });
  });

  it('a store that another one holds is locked', async () => {
    const directory = temporaryDirectory();
    const other = await openLocalStore(directory, { clock });
    onTestFinished(() => other.close());
    await expect(openStoreThread(directory, { clock, lockWaitMs: 20 })).rejects.toMatchObject({ code: 'locked' });
  });

  it('times are those of the clock here', async () => {
    const store = await open();
    await store.save(sealedLoop(1));
    await store.delete(loopId(1));
    await expect(store.save(sealedLoop(1))).rejects.toMatchObject({ code: 'deleted' });
    clock.advance(25 * 3_600_000);
    await store.save(sealedLoop(2));
    await store.delete(loopId(2));
    await store.save(sealedLoop(1));
  });

  it('what a user is hidden behind is worked out here', async () => {
    const store = await open();
    const what = { service: 'pricing', method: 'GET', route: '/', kind: 'status', summary: 'no price for alice' };
    const count = {
      firstAt: 1,
      lastAt: 1,
      hours: [{ hour: 0, seen: 1, kept: 0 }],
      unread: 0,
      guessed: 0,
      versions: {},
      users: [],
    };
    await store.countFailures([{ fingerprint: fingerprint(1), ...count, what }]);
    await store.forgetSubject('00'.repeat(16), (text) => text.replaceAll('alice', '…'));
    expect(JSON.stringify(await store.fingerprints({ limit: 10 }))).toContain('no price for …');
  });

  it('closed, it says so', async () => {
    const store = await open();
    await store.close();
    await store.close();
    await expect(store.list({ purpose: 'failure', limit: 1 })).rejects.toMatchObject({
      message: 'The store is closed.',
    });
  });
});
