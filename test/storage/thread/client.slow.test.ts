import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { SickDisk } from '../../support/sick-disk.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const SAVER = join(import.meta.dirname, '../../support/save-beside.ts');
const SYNC_MS = 400;

async function saved(where: 'here' | 'beside'): Promise<{ lateMs: number; seen: SickDisk['seen'] }> {
  const directory = temporaryDirectory();
  const words = join(directory, 'words');
  const disk = SickDisk.make(words);
  const args = [SAVER, join(directory, 'store'), where, words, String(SYNC_MS)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...disk.env } });
  return JSON.parse(stdout) as { lateMs: number; seen: SickDisk['seen'] };
}

it('an fsync that takes long holds up only the thread of the store', { timeout: 60_000 }, async () => {
  const here = await saved('here');
  expect(here.lateMs, 'on one thread it is seen').toBeGreaterThan(SYNC_MS / 2);
  const beside = await saved('beside');
  expect(beside.seen.delayed).toBeGreaterThan(4);
  expect(beside.lateMs).toBeLessThan(SYNC_MS / 2);
});
