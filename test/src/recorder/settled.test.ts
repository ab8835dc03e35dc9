import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Entry } from '../../../src/recorder/entry.ts';
import { Settled } from '../../../src/recorder/settled.ts';

function takeAll(settled: Settled): readonly Entry[] {
  const taken: Entry[] = [];
  for (let entry = settled.take(); entry !== undefined; entry = settled.take()) taken.push(entry);
  return taken;
}

test('whatever comes and goes, those at rest leave in the order in which they came', () => {
  const step = fc.tuple(fc.constantFrom('add' as const, 'delete' as const), fc.nat(9));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const entries = Array.from({ length: 10 }, (_none, number) => new Entry(0, number));
      const settled = new Settled();
      const expected = new Set<Entry>();
      for (const [what, index] of steps) {
        const entry = entries[index] ?? new Entry(0);
        settled[what](entry);
        expected[what](entry);
      }
      expect(takeAll(settled).map(({ number }) => number)).toEqual([...expected].map(({ number }) => number));
      expect(entries.some((entry) => entry.settled)).toBe(false);
    }),
  );
});
