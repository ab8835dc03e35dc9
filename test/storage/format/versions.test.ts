import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { storeKey } from '../../../src/seal/keys.ts';
import { openLoopFile } from '../../../src/seal/open.ts';
import { decodeLoopFile } from '../../../storage/format/decode.ts';
import { openFile } from '../../support/loop-file.ts';

/** Written once by the version that introduced it, under the store key of 32 bytes 0x42, and never again. */
const fixture = (version: number) =>
  readFileSync(join(import.meta.dirname, `../../fixtures/loop-file/version-${version}.loop`));

it.each([1])('a file of version %i is read as ever', async (version) => {
  const file = await decodeLoopFile(fixture(version));
  expect(openLoopFile(file, storeKey(new Uint8Array(32).fill(0x42)))).toEqual(
    openFile(1, { companions: [openFile(2, { subject: 'pricing' }), openFile(3)] }),
  );
});
