import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Pieces } from '../../../storage/format/pieces.ts';

async function* pieces(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const size of sizes) yield Uint8Array.from({ length: size }, () => next++ % 256);
}

it('gives as many bytes as are wanted, however they come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40)), fc.array(fc.nat(60)), async (come, wanted) => {
      const source = new Pieces(pieces(...come), 10_000);
      const there = come.reduce((sum, size) => sum + size, 0);
      let at = 0;
      for (const size of wanted) {
        const taken = await source.take(size);
        const isThere = at + size <= there;
        const expected = Array.from({ length: size }, (_, index) => (at + index) % 256);
        expect(taken && [...taken]).toEqual(isThere ? expected : undefined);
        if (!isThere) return;
        at += size;
      }
    }),
  );
});

it('does not copy what is in memory', async () => {
  const bytes = Buffer.from('abcdef');
  const source = new Pieces(bytes, 10);
  expect((await source.take(4))?.buffer).toBe(bytes.buffer);
});

it('ends behind its cap, and tells its source', async () => {
  let closed = false;
  async function* endless() {
    try {
      for (;;) yield new Uint8Array(100);
    } finally {
      closed = true;
    }
  }
  const source = new Pieces(endless(), 1000);
  await expect(source.take(2000)).rejects.toMatchObject({ code: 'too-large' });
  await source.close();
  expect(closed).toBe(true);
});

it('says when the source breaks off', async () => {
  // eslint-disable-next-line require-yield -- it fails before it gives anything
  async function* broken(): AsyncGenerator<Uint8Array> {
    throw new Error('aborted');
  }
  await expect(new Pieces(broken(), 10).take(1)).rejects.toMatchObject({
    code: 'damaged',
    cause: expect.objectContaining({ message: 'aborted' }),
  });
});

it('counts zeros to the end, and nothing else', async () => {
  expect(await new Pieces(Buffer.alloc(200_000), 1e6).zeros(200_000)).toBe(200_000);
  expect(await new Pieces(Buffer.alloc(200_001), 1e6).zeros(200_000)).toBeUndefined();
  expect(await new Pieces(Buffer.from([0, 0, 1]), 10).zeros(10)).toBeUndefined();
  expect(await new Pieces(Buffer.alloc(0), 10).zeros(10)).toBe(0);
});
