import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Segment } from '../../../src/domain/segment.ts';
import { Fate } from '../../../src/recorder/fates.ts';
import { Mark, NOWHERE, Ring } from '../../../src/recorder/ring.ts';
import { readRecords } from '../../../src/wire/segments/record.ts';

const CAPACITY = 4096;

function segment(sequence: number, size: number): Segment {
  const payload = new Uint8Array(size).fill(sequence);
  return { kind: 'message', stream: 7, sequence, at: 1000 + sequence, flags: 0, openInbound: 2, owner: 3, payload };
}

describe('a ring', () => {
  it('gives back what it holds, and follows a stream from its newest record', () => {
    const ring = new Ring(CAPACITY, () => undefined);
    const first = ring.append(segment(0, 10), NOWHERE, Fate.inFlight | Mark.head);
    const second = ring.append(segment(1, 0), first, Fate.inFlight);
    expect(readRecords(ring.read(first) ?? new Uint8Array()).segments).toEqual([segment(0, 10)]);
    expect(readRecords(ring.read(second) ?? new Uint8Array()).segments).toEqual([segment(1, 0)]);
    expect(ring.previousOf(second)).toBe(first);
    expect(ring.has(ring.previousOf(first))).toBe(false);
    expect([ring.streamOf(second), ring.sequenceOf(second), ring.atOf(second), ring.flagsOf(second)]).toEqual([
      7, 1, 1001, 0,
    ]);
  });

  it('keeps marks when a fate changes', () => {
    const ring = new Ring(CAPACITY, () => undefined);
    const position = ring.append(segment(0, 10), NOWHERE, Fate.inFlight | Mark.head);
    ring.setFate(position, Fate.kept);
    expect([ring.fateOf(position), ring.hasMark(position, Mark.head), ring.hasMark(position, Mark.prologue)]).toEqual([
      Fate.kept,
      true,
      false,
    ]);
  });

  it('is as large as was asked, also where 32 bits do not count its bytes', () => {
    for (const bytes of [2 ** 31 - 8, 2 ** 31, 2 ** 32 + 24])
      expect(new Ring(bytes, () => undefined).capacity).toBe(bytes);
    expect(new Ring(CAPACITY + 7, () => undefined).capacity).toBe(CAPACITY);
  });

  it('takes no record larger than a quarter of itself', () => {
    const ring = new Ring(CAPACITY, () => expect.fail('nothing is pushed out for it'));
    expect(ring.append(segment(0, CAPACITY / 4), NOWHERE, 0)).toBe(NOWHERE);
    expect(ring.oldestAt).toBeUndefined();
  });

  it('knows how far back it reaches, also when a lap ends in unused bytes', () => {
    const ring = new Ring(CAPACITY, () => undefined);
    for (let index = 0; index < 200; index++) {
      ring.append(segment(index, 300 + (index % 7) * 40), NOWHERE, 0);
      expect(ring.oldestAt).toBeGreaterThanOrEqual(1000 + Math.max(0, index - 12));
      expect(ring.oldestAt).toBeLessThanOrEqual(1000 + index);
    }
  });

  it('pushes out the oldest first, each once, while it can still be read; the rest is as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 200 }), (sizes) => {
        const held: { position: number; segment: Segment }[] = [];
        const ring: Ring = new Ring(CAPACITY, (position) => {
          const oldest = held.shift();
          expect(position).toBe(oldest?.position);
          expect(readRecords(ring.read(position) ?? new Uint8Array()).segments).toEqual([oldest?.segment]);
        });
        sizes.forEach((size, index) => {
          const stored = segment(index % 250, size);
          const position = ring.append(stored, held.at(-1)?.position ?? NOWHERE, 0);
          held.push({ position, segment: stored });
        });
        for (const { position, segment: expected } of held) {
          expect(readRecords(ring.read(position) ?? new Uint8Array()).segments).toEqual([expected]);
        }
        expect(held.reduce((sum, { segment: { payload } }) => sum + payload.length, 0)).toBeLessThanOrEqual(CAPACITY);
      }),
    );
  });
});
