import { expect, it, onTestFinished } from 'vitest';
import { answeringStore } from '../../../src/daemon/answering-store.ts';
import { openLocalStore } from '../../../storage/local.ts';
import type { LoopStore } from '../../../storage/port.ts';
import { sealedLoop } from '../../support/sealed-loop.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { loopId } from '../../support/transaction.ts';

const QUERY = { purpose: 'failure', limit: 10 } as const;

async function real(): Promise<LoopStore> {
  const store = await openLocalStore(temporaryDirectory(), { clock: { now: () => 0 } });
  onTestFinished(() => store.close());
  return store;
}

it('answers as the store does, as long as that answers', async () => {
  const store = answeringStore(await real(), () => new Promise(() => undefined));
  await store.save(sealedLoop(1));
  expect((await store.list(QUERY)).loops.map(({ id }) => id)).toEqual([loopId(1)]);
  await expect(store.get(loopId(2))).rejects.toMatchObject({ code: 'not-found' });
});

it('says so when it does not, instead of saying nothing', async () => {
  const hanging = await real();
  hanging.list = () => new Promise<never>(() => undefined);
  const waited: number[] = [];
  const store = answeringStore(hanging, async (ms) => void waited.push(ms));
  await expect(store.list(QUERY)).rejects.toMatchObject({
    code: 'io',
    message: 'The store has not answered for 10 s: its disk is too slow, or hangs.',
  });
  expect(waited).toEqual([10_000]);
});
