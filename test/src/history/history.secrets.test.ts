import { expect, it } from 'vitest';
import type { Slots } from '../../../src/history/file.ts';
import { Block } from '../../../src/history/block.ts';
import { HistoryBench } from '../../support/history.ts';
import { traceKey } from '../../support/recorder.ts';

const SECRET = 'correct-horse-battery-staple';

async function withSecret(disk?: Slots): Promise<HistoryBench> {
  const held = await HistoryBench.start({ ...(disk && { disk }) });
  const headers = { authorization: `Bearer ${SECRET}` };
  held.bench
    .call('carts')
    .request('/login', { trace: 'a', headers, end: false })
    .requestBody(SECRET, true)
    .respond(200);
  held.age(2_400_000);
  await held.written(1);
  return held;
}

it('nothing of what was recorded can be read in the file', async () => {
  const held = await withSecret();
  const bytes = held.onDisk();
  expect(bytes.length).toBeGreaterThan(1_000_000);
  for (const text of [SECRET, 'carts', '/login', 'authorization', 'x'.repeat(16)])
    expect(bytes.includes(text)).toBe(false);
  held.bench.recorder.keep(traceKey('a'));
  const [part] = await held.failures();
  expect(Buffer.from(part?.records ?? []).includes(SECRET)).toBe(true);
});

it('and would be, were it not for the cipher', async () => {
  const held = await HistoryBench.start();
  const block = new Block(0);
  held.bench
    .call('carts')
    .request('/login', { trace: 'a', headers: { authorization: SECRET } })
    .respond(500);
  const [part] = await held.failures();
  block.add((part?.records ?? new Uint8Array()).slice(), undefined);
  expect(Buffer.from(block.plain()).includes(SECRET)).toBe(true);
});
