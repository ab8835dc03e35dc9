import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../scripts/bootstrap/lock.mjs';

describe('the set-up lock', () => {
  let cache = '';
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'loop-lock-'));
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  const held = (): string[] => readdirSync(join(cache, 'locks'));

  it('is held during the work and given back after it', () => {
    let during: string[] = [];
    withLock(cache, '/repository', () => {
      during = held();
    });
    expect(during).toHaveLength(1);
    expect(held()).toEqual([]);
  });

  it('is given back when the work fails', () => {
    const work = (): never => {
      throw new Error('no network');
    };
    expect(() => withLock(cache, '/repository', work)).toThrow('no network');
    expect(held()).toEqual([]);
  });

  it('is taken over from a process that is gone', () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    withLock(cache, '/repository', () => undefined);
    let name = '';
    withLock(cache, '/repository', () => {
      name = held()[0] ?? '';
    });
    writeFileSync(join(cache, 'locks', name), String(gone));
    let ran = false;
    withLock(cache, '/repository', () => {
      ran = true;
    });
    expect(ran).toBe(true);
  });
});
