import { describe, expect, it } from 'vitest';
import { chooseLine, isSource } from '../../../../replay-sandbox/debug/java/places.ts';

const lines = (...numbers: readonly number[]) => numbers.map((line, at) => ({ index: BigInt(at), line }));

describe('whose source', () => {
  it.each([
    ['Main.java', 'shop/Main.java', true],
    ['shop/Main.java', 'shop/Main.java', true],
    ['./src/main/java/shop/Main.java', 'shop/Main.java', true],
    ['src/Main.java', 'Main.java', true],
    ['other/Main.java', 'shop/Main.java', false],
    ['NotMain.java', 'shop/Main.java', false],
    ['src/anywhere/Main.kt', 'shop/Main.kt', true],
  ])('%s and %s: %s', (file, path, same) => {
    expect(isSource({ file, line: 1 }, path)).toBe(same);
  });
});

describe('the line that is taken', () => {
  const methods = [lines(10, 12, 14), lines(20, 21)];
  it.each([
    ['itself', 12, 12],
    ['the next in the method around', 13, 14],
    ['the first of the method right below', 18, 20],
    ['also from behind the method before', 15, 20],
    ['none beyond the end', 30, undefined],
    ['none far above', 1, undefined],
  ])('%s', (_which, wanted, taken) => {
    expect(chooseLine(methods, wanted)).toBe(taken);
  });
});
