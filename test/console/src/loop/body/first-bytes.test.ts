import { expect, test } from 'vitest';
import { readAtMost } from '../../../../../console/src/loop/body/first-bytes.ts';

function streamOf(sizes: readonly number[], cancelled: () => void = () => undefined): ReadableStream<Uint8Array> {
  const left = [...sizes];
  return new ReadableStream({
    pull(controller) {
      const size = left.shift();
      if (size === undefined) controller.close();
      else controller.enqueue(new Uint8Array(size).fill(7));
    },
    cancel: cancelled,
  });
}

test('all of what is short', async () => {
  const { bytes, cut } = await readAtMost(streamOf([3, 4]), 100);
  expect([bytes.length, bytes.every((byte) => byte === 7), cut]).toEqual([7, true, false]);
  expect(await readAtMost(streamOf([5, 5]), 10)).toMatchObject({ cut: false, bytes: { length: 10 } });
  expect(await readAtMost(null, 10)).toMatchObject({ cut: false, bytes: { length: 0 } });
});

test('the beginning of what is long; the rest is never read', async () => {
  let ended = false;
  const endless = streamOf(
    Array.from({ length: 1000 }, () => 64),
    () => (ended = true),
  );
  expect(await readAtMost(endless, 100)).toMatchObject({ cut: true, bytes: { length: 100 } });
  expect(ended).toBe(true);
});
