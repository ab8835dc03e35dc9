import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadOrCreateToken, openDataDirectory } from '../../../src/daemon/data-directory.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the data directory', () => {
  it('is made for its owner alone, and opened again as it is', async () => {
    const path = join(temporaryDirectory(), 'a/b');
    const files = await openDataDirectory(path);
    expect(modeOf(path)).toBe('700');
    expect(files).toMatchObject({
      keyFile: join(path, 'key'),
      store: join(path, 'store'),
      socket: join(path, 'sink.sock'),
    });
    expect(await openDataDirectory(path)).toEqual(files);
  });

  it.each(['/dev/null/x', '/proc/x'])('that cannot be made, such as %s, is told at once', async (path) => {
    await expect(openDataDirectory(path)).rejects.toMatchObject({
      message: expect.stringContaining(`The data directory ${path} cannot be made`) as string,
      hint: expect.any(String) as string,
    });
  });
});

describe('the token', () => {
  it('is made once, for its owner alone', async () => {
    const file = join(temporaryDirectory(), 'token');
    const token = await loadOrCreateToken(file);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(modeOf(file)).toBe('600');
    expect(await loadOrCreateToken(file)).toBe(token);
  });

  it('may be one’s own', async () => {
    const file = join(temporaryDirectory(), 'token');
    writeFileSync(file, 'mine\n');
    expect(await loadOrCreateToken(file)).toBe('mine');
  });

  it('that cannot be read is no reason to make another', async () => {
    const file = join(temporaryDirectory(), 'token');
    mkdirSync(file);
    await expect(loadOrCreateToken(file)).rejects.toThrow('EISDIR');
  });
});
