// Whatever becomes of the file: what is lost is counted and said, what is left is found, and the recorder does not notice.
import { closeSync, openSync, statSync, truncateSync, unlinkSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SLOT_BYTES } from '../../../src/history/block.ts';
import type { Slots } from '../../../src/history/file.ts';
import { HistoryBench } from '../../support/history.ts';
import type { BenchOptions } from '../../support/history.ts';
import { segmentsOf, traceKey } from '../../support/recorder.ts';

/** Something to be found, in the first block of two on disk. */
async function twoBlocks(options: BenchOptions = {}): Promise<HistoryBench> {
  const held = await HistoryBench.start(options);
  held.bench.exchange('carts', '/carts/7', 200, { trace: 'a' });
  held.age(1_200_000);
  held.bench.exchange('carts', '/carts/8', 200, { trace: 'b' });
  held.age(2_400_000);
  return held;
}

async function foundStreams(held: HistoryBench, trace: string): Promise<number> {
  held.bench.recorder.keep(traceKey(trace));
  const parts = await held.failures();
  return new Set(parts.flatMap((part) => segmentsOf(part).map(({ stream }) => stream))).size;
}

function overwrite(file: string, at: number): void {
  const opened = openSync(file, 'r+');
  writeSync(opened, Buffer.from('garbage'), 0, 7, at);
  closeSync(opened);
}

describe('a file that is not as it was written', () => {
  it('corrupt: the block is lost and said so, the others are there', async () => {
    const held = await twoBlocks();
    await held.written(2);
    overwrite(held.file, 5_000);
    expect(await foundStreams(held, 'a')).toBe(0);
    expect(await foundStreams(held, 'b')).toBe(1);
    expect(held.history.stats()).toMatchObject({ blocks: { damaged: 1 } });
    expect(held.history.trouble).toBe('The history file was damaged: 1 blocks of it could not be read.');
  });

  it('cut: so', async () => {
    const held = await twoBlocks();
    await held.written(2);
    truncateSync(held.file, SLOT_BYTES);
    expect(await foundStreams(held, 'b')).toBe(0);
    expect(await foundStreams(held, 'a')).toBe(1);
    expect(held.history.stats()).toMatchObject({ blocks: { damaged: 1 } });
  });

  it('an older block in place of a newer: not taken for it', async () => {
    const held = await twoBlocks();
    await held.written(2);
    const first = held.onDisk().subarray(0, SLOT_BYTES);
    const opened = openSync(held.file, 'r+');
    writeSync(opened, first, 0, first.length, SLOT_BYTES);
    closeSync(opened);
    expect(await foundStreams(held, 'b')).toBe(0);
    expect(held.history.stats()).toMatchObject({ blocks: { damaged: 1 } });
  });

  it('removed: goes on in the file that has no name', async () => {
    const held = await twoBlocks();
    unlinkSync(held.file);
    held.age(1_200_000);
    await held.written(3);
    expect(await foundStreams(held, 'a')).toBe(1);
    expect(held.history.trouble).toBeUndefined();
  });
});

describe('the file', () => {
  it('is its owner’s alone, of one size from the start, and gone at the end', async () => {
    const held = await HistoryBench.start({ slots: 4 });
    await held.filled(4);
    expect(statSync(held.file)).toMatchObject({ size: 4 * SLOT_BYTES });
    expect(statSync(held.file).mode & 0o777).toBe(0o600);
    held.age(6_000_000);
    await held.written(4);
    expect(statSync(held.file)).toMatchObject({ size: 4 * SLOT_BYTES });
    await held.history.stop();
    expect(() => statSync(held.file)).toThrow('ENOENT');
  });
});

/** A disk that does what the test wants. Real ones that are full: writer.full.test.ts. */
function disk(write: (slot: number) => Promise<void>): Slots {
  const slots = new Map<number, Uint8Array>();
  return {
    write: async (slot, bytes) => {
      await write(slot);
      slots.set(slot, bytes);
    },
    read: async (slot, length) => (slots.get(slot) ?? new Uint8Array()).subarray(0, length),
    close: async () => undefined,
  };
}

describe('a disk', () => {
  it('that writes nothing costs what it does not write, and is said', async () => {
    const held = await twoBlocks({ disk: disk(async () => Promise.reject(new Error('EIO: i/o error, write'))) });
    await held.written(2);
    expect(held.history.trouble).toBe('The history could not be written: EIO: i/o error, write');
    expect(await foundStreams(held, 'a')).toBe(0);
    expect(held.history.stats()).toMatchObject({ blocks: { written: 0 } });
  });

  it('that stands still is not waited for: what finds no room is dropped and counted', async () => {
    const still = Promise.withResolvers<void>();
    const held = await twoBlocks({ disk: disk(() => still.promise), pieces: 2 });
    held.age(10_000_000);
    const { spill, fates } = held.bench.recorder.stats();
    expect(spill?.dropped.bytes).toBeGreaterThan(2_000_000);
    expect(fates.overwritten.segments).toBe(0);
    still.resolve();
    await held.written(4);
    expect(await foundStreams(held, 'a')).toBe(1);
    const { passed } = held.bench.recorder.stats().spill ?? {};
    held.age(100_000);
    expect(held.bench.recorder.stats().spill?.passed.bytes).toBeGreaterThan((passed?.bytes ?? 0) + 50_000);
  });
});
