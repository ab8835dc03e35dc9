import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundaryOf, readMultipart } from '../../../../../console/src/loop/body/multipart.ts';

const BODY = [
  '--b1',
  'Content-Disposition: form-data; name="note"',
  '',
  'two\r\nlines',
  '--b1',
  'Content-Disposition: form-data; name="file"; filename="a.png"',
  'Content-Type: image/png',
  '',
  '(1234 bytes, not shown)',
  '--b1--',
  '',
].join('\r\n');

test('parts with their names and types', () => {
  expect(readMultipart(BODY, 'b1')).toMatchObject([
    { name: 'note', text: 'two\r\nlines' },
    { name: 'file', filename: 'a.png', contentType: 'image/png', text: '(1234 bytes, not shown)' },
  ]);
});

test('the boundary of a content type', () => {
  expect(boundaryOf('multipart/form-data; boundary=b1')).toBe('b1');
  expect(boundaryOf('multipart/mixed; boundary="a b"')).toBe('a b');
  expect(boundaryOf('multipart/mixed')).toBeUndefined();
});

test('of a body that was cut off the parts that are there', () => {
  for (let length = BODY.length; length >= 0; length -= 1)
    expect(readMultipart(BODY.slice(0, length), 'b1')?.length ?? 0).toBeLessThanOrEqual(2);
  expect(readMultipart('nothing', 'b1')).toBeUndefined();
});

test('whatever is between two boundaries is one part', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readMultipart(`--b\r\n${text}\r\n--b--`, 'b')).toHaveLength(1);
    }),
  );
});

test('half a megabyte of line ends, or of names that do not end, takes no time', () => {
  expect(readMultipart(`--b${'\r\n'.repeat(250_000)}`, 'b')).toHaveLength(1);
  expect(readMultipart(`--b\r\n${'; name="'.repeat(60_000)}\r\n\r\n`, 'b')).toHaveLength(1);
});
