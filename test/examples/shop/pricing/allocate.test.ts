import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate, atFullPrice, discountOf } from '../../../../examples/shop/pricing/allocate.js';

const TERMS = { minimumCents: 1, mostCents: 1e9 };

function amount(value: number) {
  return { kind: 'amount', value } as const;
}

const line = fc.record({
  sku: fc.constant('TEA'),
  quantity: fc.integer({ min: 1, max: 100 }),
  unitCents: fc.integer({ min: 0, max: 10_000 }),
});
const paidCart = fc.array(line, { minLength: 1, maxLength: 20 }).filter((lines) => subtotalOf(lines) > 0);

function subtotalOf(lines: readonly { quantity: number; unitCents: number }[]): number {
  return lines.reduce((sum, { quantity, unitCents }) => sum + quantity * unitCents, 0);
}

describe('a discount over the lines of a cart', () => {
  test('is spread to the cent', () => {
    const lines = [
      { sku: 'TEA', quantity: 3, unitCents: 333 },
      { sku: 'POT', quantity: 1, unitCents: 1 },
      { sku: 'GIFT', quantity: 1, unitCents: 0 },
    ];
    expect(allocate(lines, amount(100), TERMS).map(({ discountCents }) => discountCents)).toEqual([100, 0, 0]);
    expect(allocate(lines.slice(0, 2), amount(999), TERMS).map(({ discountCents }) => discountCents)).toEqual([999, 0]);
  });

  test('adds up to the discount, whatever the cart, as long as it costs something', () => {
    fc.assert(
      fc.property(paidCart, fc.double({ min: 0, max: 1, noNaN: true }), (lines, part) => {
        const discount = Math.round(subtotalOf(lines) * part);
        const allocated = allocate(lines, amount(discount), TERMS);
        expect(allocated.reduce((sum, { discountCents }) => sum + discountCents, 0)).toBe(discount);
        expect(allocated.every(({ discountCents }) => Number.isInteger(discountCents) && discountCents >= 0)).toBe(
          true,
        );
      }),
    );
  });

  test('is never more than the campaign gives, and nothing below its minimum', () => {
    const tea = [{ sku: 'TEA', quantity: 2, unitCents: 890 }];
    expect(allocate(tea, amount(900), { minimumCents: 1780, mostCents: 700 })[0]?.discountCents).toBe(700);
    expect(allocate(tea, amount(900), { minimumCents: 1781, mostCents: 700 })).toEqual(atFullPrice(tea));
  });

  test('is never more than the price', () => {
    expect(discountOf({ kind: 'amount', value: 500 }, 499)).toBe(499);
    expect(discountOf({ kind: 'percent', value: 10 }, 499)).toBe(50);
  });
});

describe('a cart of gifts alone', () => {
  const gifts = [{ sku: 'GIFT', quantity: 1, unitCents: 0 }];

  test('is below any minimum', () => {
    expect(allocate(gifts, amount(500), TERMS)).toEqual(atFullPrice(gifts));
  });

  test('gets NaN from terms that an older release cached without one: the bug that the shop is an example of', () => {
    const terms = JSON.parse('{"v":1,"mostCents":4000}') as typeof TERMS;
    expect(allocate(gifts, amount(500), terms)[0]?.discountCents).toBeNaN();
  });
});
