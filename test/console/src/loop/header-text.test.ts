import { expect, test } from 'vitest';
import { headerText } from '../../../../console/src/loop/header-text.ts';

test.each([
  ['plain', 'plain'],
  [Buffer.from('größe 漢').toString('latin1'), 'größe 漢'],
  ['caf\u00e9', 'caf\u00e9'],
  ['already größe and 漢', 'already größe and 漢'],
])('%j reads %j', (value, text) => {
  expect(headerText(value)).toBe(text);
});
