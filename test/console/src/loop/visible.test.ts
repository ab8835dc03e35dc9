import { expect, test } from 'vitest';
import { shortened, visible, visibleLine } from '../../../../console/src/loop/visible.ts';

test.each([
  ['plain größe 漢字 🙂', 'plain größe 漢字 🙂'],
  ['a\u202eb', 'a\\u202eb'],
  ['zero\u200bwidth', 'zero\\u200bwidth'],
  ['\u001b[31m', '\\u001b[31m'],
  ['a\0b', 'a\\u0000b'],
  ['\ud800', '\\ud800'],
  ['\u{e0041}', '\\u{e0041}'],
  ['a\r\nb\tc', 'a\\r\nb\tc'],
  ['a\u2028b', 'a\\u2028b'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('one line is one line', () => {
  expect(visibleLine('a\n\tb')).toBe(String.raw`a\n\tb`);
});

test('what is long is its beginning', () => {
  expect(shortened('abcdef', 4)).toBe('abc…');
  expect(shortened('abcd', 4)).toBe('abcd');
});
