import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KeyDigest } from '../../../storage/keys.ts';
import { openLocalStore } from '../../../storage/local.ts';
import type { LoopStore } from '../../../storage/port.ts';
import { sealedLoop } from '../../support/sealed-loop.ts';
import { loopId, stream, T0 } from '../../support/transaction.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

async function store(): Promise<LoopStore> {
  const opened = await openLocalStore(join(temporaryDirectory(), 'store'), { clock: { now: () => T0 } });
  onTestFinished(() => opened.close());
  return opened;
}

const trace = (name: string, at = T0): KeyDigest => ({ digest: `t${name}`, kind: 'trace', at });
const request = (name: string, at = T0): KeyDigest => ({ digest: `r${name}`, kind: 'request', at });
const ids = (found: readonly { readonly loop: string }[]) => found.map(({ loop }) => loop);

async function kept(keys: readonly KeyDigest[]): Promise<LoopStore> {
  const opened = await store();
  await opened.save(sealedLoop(1), { identity: { keys, root: stream(7) } });
  return opened;
}

describe('a loop', () => {
  it('is found by any key it was saved under, with the root it had first', async () => {
    const loops = await kept([trace('a'), request('x')]);
    await loops.save(sealedLoop(1), { identity: { keys: [request('y')], root: stream(9) } });
    for (const key of [trace('a'), request('x'), request('y')])
      expect(await loops.findByKeys([key])).toEqual([{ loop: loopId(1), root: stream(7), deleted: false }]);
    expect(await loops.findByKeys([trace('b'), request('a')])).toEqual([]);
  });

  it('is found by a request id for some minutes only', async () => {
    const loops = await kept([request('x')]);
    expect(ids(await loops.findByKeys([request('x', T0 + 5 * 60_000)]))).toEqual([loopId(1)]);
    expect(ids(await loops.findByKeys([request('x', T0 + 15 * 60_000)]))).toEqual([]);
  });

  it('of a trace is not found by a request id of another trace', async () => {
    const loops = await kept([trace('a'), request('constant')]);
    expect(ids(await loops.findByKeys([trace('b'), request('constant')]))).toEqual([]);
    expect(ids(await loops.findByKeys([request('constant')]))).toEqual([loopId(1)]);
  });

  it('that was deleted is still known by its keys', async () => {
    const loops = await kept([trace('a')]);
    await loops.delete(loopId(1));
    expect(await loops.findByKeys([trace('a')])).toEqual([{ loop: loopId(1), deleted: true }]);
  });
});

describe('a loop that turned out to be part of another', () => {
  it('leads there, is no longer listed, and was not deleted', async () => {
    const loops = await kept([trace('a')]);
    await loops.save(sealedLoop(2), { identity: { keys: [trace('b')] } });
    await loops.redirect(loopId(1), loopId(2));
    expect((await loops.list({ purpose: 'failure', limit: 9 })).loops.map(({ id }) => id)).toEqual([loopId(2)]);
    expect((await loops.get(loopId(1))).summary.id).toBe(loopId(2));
    expect(await loops.findByPrefix(loopId(1), 9)).toEqual([loopId(2)]);
    expect(ids(await loops.findByKeys([trace('a')]))).toEqual([loopId(2)]);
    await loops.save(sealedLoop(1));
    expect((await loops.get(loopId(1))).summary.id).toBe(loopId(1));
  });

  it('leads on when that one does', async () => {
    const loops = await kept([]);
    for (const number of [2, 3]) await loops.save(sealedLoop(number));
    await loops.redirect(loopId(1), loopId(2));
    await loops.redirect(loopId(2), loopId(3));
    expect((await loops.get(loopId(1))).summary.id).toBe(loopId(3));
  });
});
