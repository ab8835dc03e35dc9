import { describe, expect, it } from 'vitest';
import { Handover, partBytes } from '../../../src/ingest/handover.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { Bench, outlineOf } from '../../support/recorder.ts';

const SMALL = { ringBytes: 16_384 };
const WHOLE = ['1.0 opened', '1.1 message', '1.2 message', '1.3 ended'];

function flood(bench: Bench): void {
  for (let index = 0; index < 30; index++)
    bench.exchange('noise', '/', 200, { trace: `f${index}`, headers: { x: 'x'.repeat(800) } });
}

const failuresOf = (bench: Bench) => bench.takeParts().filter(({ purpose }) => purpose === 'failure');

describe('while whoever takes recordings does not keep up', () => {
  it('what failed stays in the ring, and is handed out afterwards', () => {
    const bench = new Bench(SMALL);
    bench.recorder.holdBack(true);
    bench.exchange('orders', '/', 500, { trace: 'a' });
    bench.settle();
    expect(failuresOf(bench)).toEqual([]);
    bench.recorder.holdBack(false);
    bench.settle();
    expect(failuresOf(bench).map(outlineOf)).toEqual([WHOLE]);
    expect(bench.recorder.lostWhileHeld).toBe(0);
  });

  it('what age takes of it is counted, once a transaction; without holding it is rescued', () => {
    for (const held of [true, false]) {
      const bench = new Bench(SMALL);
      bench.recorder.holdBack(held);
      bench.exchange('orders', '/', 500, { trace: 'a' });
      flood(bench);
      bench.settle();
      expect(bench.recorder.lostWhileHeld).toBe(held ? 1 : 0);
      expect(failuresOf(bench).map(outlineOf)).toEqual(held ? [] : [WHOLE]);
      const { received, ...fates } = bench.recorder.stats().fates;
      expect(Object.values(fates).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(received.bytes);
      expect(fates.kept.segments > 0).toBe(!held);
    }
  });

  it('what is left of it says what it lost', () => {
    const bench = new Bench(SMALL);
    bench.recorder.holdBack(true);
    bench.exchange('orders', '/', 500, { trace: 'a' });
    flood(bench);
    bench.exchange('gateway', '/', 502, { trace: 'a' });
    bench.recorder.holdBack(false);
    bench.settle();
    const [part] = failuresOf(bench);
    expect(part?.overwritten).toBeGreaterThan(0);
  });

  it('at the end everything is handed out all the same', () => {
    const bench = new Bench();
    bench.recorder.holdBack(true);
    bench.exchange('orders', '/', 500, { trace: 'a' });
    bench.recorder.flush();
    expect(failuresOf(bench).map(outlineOf)).toEqual([WHOLE]);
  });

  it('not more waits on the way than the limit and one recording, however much fails', () => {
    const bench = new Bench({ ringBytes: 4 * 1024 * 1024 });
    const handover = new Handover((full) => bench.recorder.holdBack(full), 20_000);
    const onTheWay: RecordedPart[] = [];
    const settle = (): void => {
      bench.settle();
      for (const part of bench.takeParts()) {
        handover.given(part);
        onTheWay.push(part);
      }
    };
    for (let index = 0; index < 100; index++) {
      bench.exchange('orders', '/', 500, { trace: `${index}`, headers: { x: 'x'.repeat(3_000) } });
      settle();
    }
    expect(handover.bytes).toBeLessThan(20_000 + 6_000);
    const kept = new Set<string>();
    for (let rounds = 0; kept.size < 100 && rounds < 100; rounds += 1) {
      for (const part of onTheWay.splice(0)) {
        if (part.purpose === 'failure') kept.add(part.transaction);
        handover.taken(partBytes(part));
      }
      settle();
    }
    expect(kept.size).toBe(100);
    expect(handover.bytes).toBe(0);
  });
});
