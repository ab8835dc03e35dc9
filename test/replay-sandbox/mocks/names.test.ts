import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressBook } from '../../../replay-sandbox/mocks/names.ts';

const BOOK = new AddressBook(['pricing.shop', 'db', 'Pricing.Shop.', '10.0.0.7', '2001:db8::7', '[2001:db8::8]']);

describe('recorded names', () => {
  it.each([
    ['pricing.shop', '198.18.0.1'],
    ['PRICING.shop.', '198.18.0.1'],
    ['pricing', '198.18.0.1'],
    ['pricing.shop.svc.cluster.local', '198.18.0.1'],
    ['db', '198.18.0.2'],
    ['db.shop', '198.18.0.2'],
    ['10.0.0.7', '10.0.0.7'],
  ])('%s is %s', (name, address) => {
    expect(BOOK.resolve(name)).toBe(address);
  });

  it.each(['prices', 'shop', 'xpricing.shop', 'pricing.shopx', 'dbx', '10.0.0', '10.0.0.7.shop', ''])(
    '%j is none',
    (name) => {
      expect(BOOK.resolve(name)).toBeUndefined();
    },
  );

  it('are found again by the address that was dialled', () => {
    expect(BOOK.nameOf('198.18.0.1')).toBe('pricing.shop');
    expect(BOOK.nameOf('10.0.0.7')).toBe('10.0.0.7');
    expect(BOOK.nameOf('2001:db8::7')).toBe('2001:db8::7');
    expect(BOOK.nameOf('2001:db8::8')).toBe('[2001:db8::8]');
    expect(BOOK.nameOf('198.18.0.99')).toBeUndefined();
  });

  it('have addresses of their own, all in 198.18/15', () => {
    const names = fc.uniqueArray(fc.domain(), { maxLength: 600, selector: (name) => name.toLowerCase() });
    fc.assert(
      fc.property(names, (recorded) => {
        const book = new AddressBook(recorded);
        const addresses = recorded.map((name) => book.resolve(name) ?? '');
        expect(new Set(addresses).size).toBe(recorded.length);
        for (const address of addresses) expect(address).toMatch(/^198\.18\./);
      }),
      { numRuns: 20 },
    );
  });
});
