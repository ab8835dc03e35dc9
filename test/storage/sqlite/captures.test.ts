import { describe, expect, it, onTestFinished } from 'vitest';
import type { CaptureId } from '../../../src/domain/capture.ts';
import type { StoredCapture, Wish } from '../../../storage/captures.ts';
import { openLocalStore } from '../../../storage/local.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import type { LoopStore, SealedLoop } from '../../../storage/port.ts';
import { sealedLoop } from '../../support/sealed-loop.ts';
import { loopSummary } from '../../support/transaction.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const DAY = 86_400_000;
const ONE = 'cap-00000001' as CaptureId;
const TWO = 'cap-00000002' as CaptureId;

async function openStore(directory = temporaryDirectory()): Promise<LoopStore> {
  const store = await openLocalStore(directory, { clock: { now: () => 0 } });
  onTestFinished(() => store.close());
  return store;
}

function capture(id: CaptureId, more: Partial<StoredCapture> = {}): StoredCapture {
  const state = { maxBytes: 10, maxTransactions: 5, lookBack: true, leftOut: 0, aliveAt: 1000, notes: [] };
  return { id, startedAt: 1000, until: 2000, user: 'aa', state, sealed: Uint8Array.of(1, 2, 3), ...more };
}

const loop = (number: number, more: Partial<LoopSummary>): SealedLoop =>
  sealedLoop(number, { summary: loopSummary(number, more) });

const wish = (id: CaptureId, bytes: number, at = DAY): Wish => ({ capture: id, user: 'aa', bytes, at });

describe('captures in the store', () => {
  it('are listed newest first, with what they have', async () => {
    const store = await openStore();
    await store.putCapture(capture(ONE));
    await store.putCapture(capture(TWO, { startedAt: 5000 }));
    await store.putCapture(capture(ONE, { endedAt: 1500, endedBy: 'stopped' }));
    await store.save(loop(1, { purpose: 'capture' }), { wanted: [wish(ONE, 100)] });
    await store.save(loop(2, { holes: ['a hole'] }), { wanted: [wish(ONE, 30), wish(TWO, 30)] });
    const [two, one] = await store.captures();
    expect(two).toEqual({ ...capture(TWO, { startedAt: 5000 }), transactions: 1, failed: 1, notWhole: 1, bytes: 30 });
    expect(one).toMatchObject({ id: ONE, endedBy: 'stopped', transactions: 2, failed: 1, notWhole: 1, bytes: 130 });
  });

  it('have their loops by time, also a loop of several', async () => {
    const store = await openStore();
    await store.putCapture(capture(ONE));
    await store.putCapture(capture(TWO));
    const late = loop(1, { startedAt: 900, purpose: 'capture' });
    const early = loop(2, { startedAt: 800, purpose: 'capture' });
    await store.save(late, { wanted: [wish(ONE, 1), wish(TWO, 1)] });
    await store.save(early, { wanted: [wish(ONE, 1)] });
    expect((await store.capturedLoops(ONE)).map(({ id }) => id)).toEqual([early.summary.id, late.summary.id]);
    expect(await store.wantedBy(late.summary.id)).toEqual([ONE, TWO]);
    await store.unwant(ONE, late.summary.id);
    expect(await store.wantedBy(late.summary.id)).toEqual([TWO]);
  });

  it('that are deleted leave what failed, and what another one wants', async () => {
    const store = await openStore();
    await store.putCapture(capture(ONE));
    await store.putCapture(capture(TWO));
    const [good, shared, failed] = [
      loop(1, { purpose: 'capture' }),
      loop(2, { purpose: 'capture' }),
      loop(3, { purpose: 'failure' }),
    ];
    await store.save(good, { wanted: [wish(ONE, 1)] });
    await store.save(shared, { wanted: [wish(ONE, 1), wish(TWO, 1)] });
    await store.save(failed, { wanted: [wish(ONE, 1)] });
    expect(await store.deleteCapture(ONE)).toEqual([good.summary.id]);
    expect((await store.captures()).map(({ id }) => id)).toEqual([TWO]);
    expect(await store.wantedBy(failed.summary.id)).toEqual([]);
    expect(await store.deleteCapture(ONE)).toEqual([]);
  });

  it('charge the user by day, whatever becomes of capture and loop', async () => {
    const store = await openStore();
    await store.putCapture(capture(ONE));
    const captured = loop(1, { purpose: 'capture' });
    await store.save(captured, { wanted: [wish(ONE, 100, 3 * DAY + 5)] });
    await store.save(captured, { wanted: [wish(ONE, 11, 4 * DAY - 1)] });
    await store.save(sealedLoop(2), { wanted: [wish(ONE, 7, 4 * DAY)] });
    for (const id of await store.deleteCapture(ONE)) await store.delete(id);
    expect(await store.capturedBytes('aa', 3 * DAY)).toBe(118);
    expect(await store.capturedBytes('aa', 4 * DAY)).toBe(7);
    expect(await store.capturedBytes('bb', 0)).toBe(0);
  });

  it('want nothing more once they are deleted, and survive a restart', async () => {
    const directory = temporaryDirectory();
    const store = await openStore(directory);
    await store.save(sealedLoop(1), { wanted: [wish(ONE, 100)] });
    await store.putCapture(capture(TWO));
    await store.close();
    const again = await openStore(directory);
    expect(await again.wantedBy(sealedLoop(1).summary.id)).toEqual([]);
    expect(await again.captures()).toMatchObject([{ id: TWO, sealed: Uint8Array.of(1, 2, 3) }]);
  });
});
