import { describe, expect, it } from 'vitest';
import { newStoreKey } from '../../../src/seal/keys.ts';
import { openLoopFile } from '../../../src/seal/open.ts';
import { openFile, sealedFile } from '../../support/loop-file.ts';

const key = newStoreKey();

describe('opening a recording', () => {
  it('gives the plain records of the loop and of its companions', () => {
    const sealed = sealedFile(1, key, { companions: [sealedFile(2, key), openFile(3)] });
    expect(openLoopFile(sealed, key)).toEqual(openFile(1, { companions: [openFile(2), openFile(3)] }));
  });

  it('needs no key for an open one', () => {
    expect(openLoopFile(openFile(1), undefined)).toEqual(openFile(1));
  });

  it('says which key it needs, for a companion too', () => {
    expect(openLoopFile(sealedFile(1, key), undefined)).toMatchObject({
      code: 'key-missing',
      message: expect.stringContaining(key.id),
    });
    expect(openLoopFile(sealedFile(1, key), newStoreKey())).toMatchObject({ code: 'wrong-key' });
    expect(openLoopFile(openFile(1, { companions: [sealedFile(2, key)] }), undefined)).toMatchObject({
      code: 'key-missing',
    });
  });

  it('notices parts in another order, and parts of another loop', () => {
    const sealed = sealedFile(1, key);
    expect(openLoopFile({ ...sealed, parts: sealed.parts.toReversed() }, key)).toMatchObject({ code: 'tampered' });
    expect(openLoopFile({ ...sealed, parts: sealedFile(1, key).parts }, key)).toMatchObject({ code: 'wrong-key' });
  });
});
