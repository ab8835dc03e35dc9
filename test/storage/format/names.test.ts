import { expect, it } from 'vitest';
import { entryName, parseEntryName } from '../../../storage/format/names.ts';
import { loopId } from '../../support/transaction.ts';

it.each([
  ['loop.json', { companion: undefined, content: 'manifest' }],
  ['view.json', { companion: undefined, content: 'view' }],
  ['segments/0001.seg', { companion: undefined, content: { part: 0 } }],
  ['companions/000000000007/segments/9999.seg', { companion: loopId(7), content: { part: 9998 } }],
] as const)('%s both ways', (name, parsed) => {
  expect(parseEntryName(name)).toEqual(parsed);
  expect(entryName(parsed)).toBe(name);
});

it.each([
  '',
  '.',
  '..',
  '/loop.json',
  './loop.json',
  '../loop.json',
  'loop.json/',
  'loop.json\0',
  'LOOP.JSON',
  'loop.json\n',
  'segments/0000.seg',
  'segments/1.seg',
  'segments/../loop.json',
  'companions/../loop.json',
  'companions/000000000007/../loop.json',
  'companions/0/loop.json',
  'companions/000000000007/companions/000000000008/loop.json',
  'companions//loop.json',
  '__proto__',
])('%j is no name of a recording', (name) => {
  expect(parseEntryName(name)).toBeUndefined();
});
