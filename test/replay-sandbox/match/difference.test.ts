import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDifference, differences, differsInData } from '../../../replay-sandbox/match/difference.ts';
import { parseJson } from '../../../src/domain/exact-json.ts';
import { T0 } from '../../support/transaction.ts';

const WINDOW = { recordedAt: T0, now: T0 };
const between = (recorded: unknown, asked: unknown) =>
  differences(recorded, asked, WINDOW, 'body').map(describeDifference);

describe('what differs, leaf by leaf', () => {
  it.each<[unknown, unknown, readonly string[]]>([
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, ['body.a[1].b: recorded "2", asked "3"']],
    [{ a: 1 }, { b: 1 }, ['body.a: recorded "1", asked nothing', 'body.b: recorded nothing, asked "1"']],
    [[1], [1, 2], ['body[1]: recorded nothing, asked "2"']],
    [[1], { 0: 1 }, ['body: recorded "[1]", asked "{\\"0\\":1}"']],
    [null, undefined, ['body: recorded "null", asked nothing']],
    ['x'.repeat(200), '', [`body: recorded "${'x'.repeat(77)}"…, asked ""`]],
    [{ __proto__: null, constructor: 1 }, { constructor: 1 }, []],
  ])('%j and %j', (recorded, asked, said) => {
    expect(between(recorded, asked)).toEqual(said);
  });

  it('two integers that no double tells apart are two', () => {
    const of = (id: string) => parseJson(`{"id":${id}}`);
    expect(between(of('1850000000000000001'), of('1850000000000000077'))).toEqual([
      'body.id: recorded "1850000000000000001", asked "1850000000000000077"',
    ]);
    expect(between(of('1850000000000000001'), of('1850000000000000001'))).toEqual([]);
  });

  it('is told by the first of it, in the same way', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const isData = differences(one, other, WINDOW, 'body').some(({ noise }) => !noise);
        expect(differsInData(one, other, WINDOW, { where: 'body', isKnown: () => false })).toBe(isData);
      }),
    );
    const known = { where: 'body', isKnown: ({ asked }: { readonly asked: string | undefined }) => asked === '2' };
    expect(differsInData({ a: 1 }, { a: 2 }, WINDOW, known)).toBe(false);
  });

  it('marks what is noise', () => {
    const found = differences(
      { at: '2026-01-02T03:04:05Z', n: 1 },
      { at: '2026-01-02T03:04:06Z', n: 2 },
      WINDOW,
      'body',
    );
    expect(found.map(({ where, noise }) => [where, noise])).toEqual([
      ['body.at', true],
      ['body.n', false],
    ]);
  });

  it('of a value and itself, nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(between(value, structuredClone(value))).toEqual([]);
      }),
    );
  });
});
