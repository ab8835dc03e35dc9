import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { eachLine } from '../../../../replay-sandbox/isolate/linux-namespaces/lines.ts';

it.each([1, 3, 100])('cuts into lines what comes in pieces of %i bytes', async (size) => {
  const stream = new PassThrough();
  const lines: string[] = [];
  eachLine(stream, (line) => lines.push(line));
  const bytes = Buffer.from('eins\nzwölf\n\nunfinished');
  for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
  stream.end();
  await finished(stream);
  expect(lines).toEqual(['eins', 'zwölf', '']);
});
