import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { collectLoopFile } from '../../../storage/format/collect.ts';
import { openLocalStore } from '../../../storage/local.ts';
import { ManualTime } from '../../support/manual-time.ts';
import { sealedLoop } from '../../support/sealed-loop.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { loopId, loopSummary } from '../../support/transaction.ts';

const options = {
  createdBy: 'loop 0.1.0',
  keyIdOf: (wrapped: Uint8Array) => (wrapped[0] === 0xff ? undefined : '0123456789abcdef'),
};

async function storeIn(directory: string) {
  const store = await openLocalStore(directory, { clock: new ManualTime() });
  onTestFinished(() => store.close());
  return store;
}

it('brings a loop and its companions together, in the order they are named', async () => {
  const store = await storeIn(temporaryDirectory());
  const ambient = sealedLoop(2, { subject: 'pricing', summary: loopSummary(2, { purpose: 'ambient' }) });
  for (const loop of [ambient, sealedLoop(3), sealedLoop(1, { companions: [loopId(3), loopId(2)] })])
    await store.save(loop);
  const file = await collectLoopFile(store, loopId(1), options);
  expect(file).toMatchObject({
    summary: loopSummary(1),
    createdBy: 'loop 0.1.0',
    seal: { kind: 'sealed', keyId: '0123456789abcdef' },
  });
  expect(file.companions.map((one) => [one.summary.id, one.subject, one.companions])).toEqual([
    [loopId(3), '', []],
    [loopId(2), 'pricing', []],
  ]);
  expect(file.parts.map((part) => Buffer.from(part).toString())).toEqual(['part of 1']);
});

it('leaves out a companion that is damaged or gone, and says so', async () => {
  const directory = temporaryDirectory();
  const store = await storeIn(directory);
  await store.save(sealedLoop(2));
  await store.save(sealedLoop(1, { companions: [loopId(2), loopId(9)] }));
  rmSync(join(directory, 'loops', loopId(2)), { recursive: true });
  const file = await collectLoopFile(store, loopId(1), options);
  expect(file.companions).toEqual([]);
  expect(file.summary.holes).toEqual([
    expect.stringMatching(/^the companion 000000000002 could not be read: Loop 000000000002 is damaged/),
    'the companion 000000000009 could not be read: There is no loop 000000000009.',
  ]);
});

it('fails when the loop itself cannot be read', async () => {
  const store = await storeIn(temporaryDirectory());
  await expect(collectLoopFile(store, loopId(1), options)).rejects.toMatchObject({ code: 'not-found' });
  await store.save(sealedLoop(1, { wrappedKey: Uint8Array.of(0xff) }));
  await expect(collectLoopFile(store, loopId(1), options)).rejects.toMatchObject({ code: 'corrupt' });
});
