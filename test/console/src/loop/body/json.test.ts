import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson, type JsonRow } from '../../../../../console/src/loop/body/json.ts';

function lines(text: string): readonly string[] | undefined {
  return readJson(text)?.rows.map(lineOf);
}

function lineOf({ depth, name, kind, text, size }: JsonRow): string {
  const value =
    kind === 'object' ? `{${size}}` : kind === 'array' ? `[${size}]` : kind === 'string' ? `"${text}"` : text;
  return `${'  '.repeat(depth)}${name === undefined ? '' : `${name}: `}${value}`;
}

describe('JSON as a tree', () => {
  test('objects, lists and scalars in order', () => {
    expect(lines(' {"a": [1, {"b": null}], "c": "x\\ny" } ')).toEqual([
      '{2}',
      '  a: [2]',
      '    0: 1',
      '    1: {1}',
      '      b: null',
      '  c: "x\ny"',
    ]);
  });

  test('numbers keep their digits, names may repeat, and none is special', () => {
    expect(lines('{"id":12345678901234567890,"id":1.0e+2,"__proto__":{"x":1}}')).toEqual([
      '{3}',
      '  id: 12345678901234567890',
      '  id: 1.0e+2',
      '  __proto__: {1}',
      '    x: 1',
    ]);
  });

  test('every container knows where it ends', () => {
    expect(readJson('[[1,2],{"a":3},4]')?.rows.map(({ end }) => end)).toEqual([7, 4, 3, 4, 6, 6, 7]);
  });

  test.each([
    '',
    'hello',
    '{',
    '{"a"',
    '{"a":',
    '[1,',
    '{"a":"unfini',
    '[tr',
    '{"a":1} x',
    '{a:1}',
    '[1 2]',
    '{"a" 1}',
    '[01]',
  ])('%j is whole, cut off or no JSON, never an error', (text) => {
    const tree = readJson(text);
    expect([undefined, true]).toContain(tree?.cut);
  });

  test('what a cut left is shown', () => {
    expect(lines('{"a":1,"b":"unfini')).toEqual(
      ['{2}', '  a: 1', '  b: "unfini'].map((line) => (line.endsWith('unfini') ? `${line}"` : line)),
    );
    expect(lines('hello')).toBeUndefined();
    expect(lines('{a:1}')).toBeUndefined();
  });

  test('a hundred thousand lists in each other take no stack', () => {
    const tree = readJson('['.repeat(100_000));
    expect(tree).toMatchObject({ cut: true });
    expect(tree?.rows).toHaveLength(128);
  });

  test('a list of a hundred thousand ends at the limit', () => {
    const tree = readJson(`[${'1,'.repeat(100_000)}1]`, { rows: 1000, depth: 10 });
    expect(tree).toMatchObject({ cut: true, rows: { length: 1000 } });
  });

  test('a megabyte of backslashes and quotes is read in one go', () => {
    expect(readJson(`"${'\\"'.repeat(500_000)}"`)?.rows[0]?.text).toHaveLength(500_000);
    expect(readJson(`"${'\\'.repeat(1_000_001)}`)).toMatchObject({ cut: true });
  });

  test('what JSON.stringify writes is read whole', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(readJson(text)).toMatchObject({ cut: false });
      }),
    );
  });

  test('no beginning of a document is an error, and none has more rows than the whole', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(200), (text, length) => {
        const tree = readJson(text.slice(0, length));
        expect(tree?.rows.length ?? 0).toBeLessThanOrEqual(readJson(text)?.rows.length ?? 0);
      }),
    );
  });
});
