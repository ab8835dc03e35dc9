import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadOrCreateStoreKey, loadStoreKey } from '../../../src/seal/keyfile.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const freshPath = () => join(temporaryDirectory(), 'keys', 'store.key');

describe('the key file', () => {
  it('is made at the first start, for the owner alone, and is the same key ever after', async () => {
    const path = freshPath();
    const made = await loadOrCreateStoreKey(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(path, '..'))).toEqual(['store.key']);
    expect(made.bytes).toHaveLength(32);
    expect(await loadOrCreateStoreKey(path)).toEqual(made);
    expect(await loadStoreKey(path)).toEqual(made);
    expect(readFileSync(path, 'latin1')).toBe(
      `loop-store-key 1 ${made.id} ${Buffer.from(made.bytes).toString('hex')}\n`,
    );
  });

  it('is one key when several start at once', async () => {
    const path = freshPath();
    const keys = await Promise.all(Array.from({ length: 10 }, () => loadOrCreateStoreKey(path)));
    expect(new Set(keys.map((key) => key.id)).size).toBe(1);
    expect(readdirSync(join(path, '..'))).toEqual(['store.key']);
  });

  it('differs from every other', async () => {
    expect((await loadOrCreateStoreKey(freshPath())).id).not.toBe((await loadOrCreateStoreKey(freshPath())).id);
  });

  it('is missing where nobody made it', async () => {
    const path = freshPath();
    await expect(loadStoreKey(path)).rejects.toMatchObject({
      name: 'SealError',
      code: 'key-missing',
      message: `There is no key file ${path}.`,
    });
  });

  it.each([0o640, 0o604, 0o620, 0o666])('with mode %o is refused, with the command that helps', async (mode) => {
    const path = freshPath();
    await loadOrCreateStoreKey(path);
    chmodSync(path, mode);
    await expect(loadOrCreateStoreKey(path)).rejects.toMatchObject({
      code: 'key-mode',
      hint: `Run: chmod 600 ${path}`,
    });
  });

  it('may be read-only', async () => {
    const path = freshPath();
    const made = await loadOrCreateStoreKey(path);
    chmodSync(path, 0o400);
    expect(await loadStoreKey(path)).toEqual(made);
  });

  it('in a directory others may write to is refused', async () => {
    const path = freshPath();
    await loadOrCreateStoreKey(path);
    chmodSync(join(path, '..'), 0o770);
    await expect(loadStoreKey(path)).rejects.toMatchObject({
      code: 'key-mode',
      hint: `Run: chmod 700 ${join(path, '..')}`,
    });
  });

  it('that is no whole key is refused, never replaced', async () => {
    const path = freshPath();
    const { id, bytes } = await loadOrCreateStoreKey(path);
    const hex = Buffer.from(bytes).toString('hex');
    const spoilt = [
      '',
      'x',
      hex,
      `loop-store-key 1 ${id} ${hex.slice(2)}`,
      `loop-store-key 1 ${'0'.repeat(16)} ${hex}`,
      `loop-store-key 1 ${id} ${hex}\n\n`,
    ];
    for (const text of spoilt) {
      writeFileSync(path, text);
      await expect(loadOrCreateStoreKey(path)).rejects.toMatchObject({ code: 'key-damaged' });
      expect(readFileSync(path, 'latin1')).toBe(text);
    }
    writeFileSync(path, `loop-store-key 2 ${id} ${hex}\n`);
    await expect(loadOrCreateStoreKey(path)).rejects.toMatchObject({ code: 'unsupported', hint: 'Upgrade Loop.' });
  });

  it('that is a directory is an error of the device', async () => {
    const path = freshPath();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    await expect(loadOrCreateStoreKey(path)).rejects.toMatchObject({ code: 'key-io' });
  });
});
