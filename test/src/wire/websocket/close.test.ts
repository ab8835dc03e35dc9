import { expect, it } from 'vitest';
import { readClose, writeClose } from '../../../../src/wire/websocket/close.ts';

it.each([
  [1000, ''],
  [1011, 'out of money'],
  [3000, 'ä'],
  [4999, 'own'],
])('close %s "%s"', (code, reason) => expect(readClose(writeClose({ code, reason }))).toEqual({ code, reason }));

it('a close that says nothing', () => {
  expect(readClose(new Uint8Array(0))).toEqual({ reason: '' });
  expect(writeClose({ reason: '' })).toEqual(new Uint8Array(0));
});

it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])('nobody sends %s', (code) =>
  expect(readClose(writeClose({ code, reason: '' }))).toBeUndefined(),
);
