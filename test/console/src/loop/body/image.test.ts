import { expect, test } from 'vitest';
import { imageType } from '../../../../../console/src/loop/body/image.ts';

test.each([
  ['\x89PNG\r\n\x1a\n…', 'image/png'],
  ['\xff\xd8\xff\xe0', 'image/jpeg'],
  ['GIF89a', 'image/gif'],
  ['RIFF\0\0\0\0WEBPVP8 ', 'image/webp'],
  ['RIFF\0\0\0\0WAVE', undefined],
  ['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">', undefined],
  ['<?xml version="1.0"?><svg>', undefined],
  ['<html>', undefined],
  ['%PDF-1.7', undefined],
  ['', undefined],
])('%j is %s', (latin1, type) => {
  expect(imageType(Buffer.from(latin1, 'latin1'))).toBe(type);
});
