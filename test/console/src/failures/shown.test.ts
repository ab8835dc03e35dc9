import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder, NOTHING_SHOWN, withNews, without } from '../../../../console/src/failures/shown.ts';

interface Row {
  readonly id: string;
  readonly at: number;
}

const HOW = { keyOf: ({ id }: Row) => id, rank: ({ at }: Row) => at };
const row = (id: string, at: number): Row => ({ id, at });
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id).join('');

describe('a list that changes while it is read', () => {
  const read = withNews<Row>(NOTHING_SHOWN, [row('a', 1), row('b', 2)], HOW, false);

  it('moves nothing: what is new waits, what is known is told anew where it is', () => {
    const later = withNews(read, [row('a', 9), row('c', 8)], HOW, true);
    expect(ids(later.rows)).toBe('ba');
    expect(later.rows[1]?.at).toBe(9);
    expect(ids(later.waiting)).toBe('c');
    expect(ids(inOrder(later, HOW).rows)).toBe('acb');
  });

  it('is in order when nobody reads it', () => {
    expect(ids(withNews(read, [row('a', 9), row('c', 8)], HOW, false).rows)).toBe('acb');
  });

  it('forgets what is gone', () => {
    expect(ids(without(read, 'b', HOW).rows)).toBe('a');
  });

  it('has every row once, whatever comes', () => {
    const news = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), at: fc.nat(100) }));
    fc.assert(
      fc.property(fc.array(fc.tuple(news, fc.boolean())), (steps) => {
        let shown = withNews<Row>(NOTHING_SHOWN, [], HOW, false);
        for (const [rows, reading] of steps) {
          const before = ids(shown.rows);
          shown = withNews(shown, rows, HOW, reading);
          expect(reading && ids(shown.rows) !== before).toBe(false);
          const all = ids([...shown.rows, ...shown.waiting]);
          expect(new Set(all).size).toBe(all.length);
        }
      }),
    );
  });
});
