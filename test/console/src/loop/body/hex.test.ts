import { expect, test } from 'vitest';
import { hexLines } from '../../../../../console/src/loop/body/hex.ts';

test('sixteen bytes a line', () => {
  expect(hexLines(Buffer.from('GET / HTTP/1.1\r\nHost\0'))).toEqual([
    { offset: '00000000', hex: '47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a', ascii: 'GET / HTTP/1.1··' },
    { offset: '00000010', hex: '48 6f 73 74 00', ascii: 'Host·' },
  ]);
  expect(hexLines(new Uint8Array(64), 1, 2).map(({ offset }) => offset)).toEqual(['00000010', '00000020']);
  expect(hexLines(new Uint8Array())).toEqual([]);
});
