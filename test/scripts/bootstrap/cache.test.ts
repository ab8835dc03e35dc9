import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheRoot, fillOnce } from '../../../scripts/bootstrap/cache.mjs';

describe('the cache folder', () => {
  it.each([
    [{ LOOP_CACHE: '/srv/loop', XDG_CACHE_HOME: '/xdg', HOME: '/home/ann' }, '/srv/loop'],
    [{ XDG_CACHE_HOME: '/xdg', HOME: '/home/ann' }, '/xdg/loop'],
    [{ HOME: '/home/ann' }, '/home/ann/.cache/loop'],
  ])('of %j is %s', (env, expected) => {
    expect(cacheRoot(env)).toBe(expected);
  });
});

describe('filling a folder of the cache', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'loop-cache-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('happens once', () => {
    const folder = join(root, 'deep', 'tool');
    fillOnce(folder, (partial) => writeFileSync(join(partial, 'a'), 'first'));
    fillOnce(folder, (partial) => writeFileSync(join(partial, 'a'), 'second'));
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('first');
  });

  it('leaves nothing behind when it fails half way', () => {
    const fail = (partial: string): void => {
      writeFileSync(join(partial, 'a'), 'half');
      throw new Error('the network went away');
    };
    expect(() => fillOnce(join(root, 'tool'), fail)).toThrow('the network went away');
    expect(readdirSync(root)).toEqual([]);
  });

  it('keeps what another process filled in the meantime', () => {
    const folder = join(root, 'tool');
    fillOnce(folder, (partial) => {
      writeFileSync(join(partial, 'a'), 'ours');
      mkdirSync(folder);
      writeFileSync(join(folder, 'a'), 'theirs');
    });
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('theirs');
    expect(existsSync(folder) && readdirSync(root)).toEqual(['tool']);
  });

  it('says what to do when the place cannot be written', () => {
    // Root may write anywhere, but not below a file.
    writeFileSync(join(root, 'file'), '');
    const fill = (): void => fillOnce(join(root, 'file', 'tool'), () => undefined);
    expect(fill).toThrow(`Cannot make the cache folder ${root}/file`);
    expect(fill).toThrow(expect.objectContaining({ hint: 'set LOOP_CACHE to a folder that you may write to.' }));
  });
});
