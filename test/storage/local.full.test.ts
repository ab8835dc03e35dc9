import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';

const FILLER = join(import.meta.dirname, '../support/fill-disk.ts');

it('stays whole on a full disk, deletes there, and goes on when there is room again', { timeout: 60_000 }, async () => {
  // A mount namespace of its own needs no root, and the file system is gone with the process.
  const script = 'mount -t tmpfs -o size=4m,mode=0700 tmpfs "$1" && exec "$2" "$3" "$1"';
  const args = [
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    script,
    'sh',
    temporaryDirectory(),
    process.execPath,
    FILLER,
  ];
  const { stdout } = await promisify(execFile)('unshare', args);
  const told = JSON.parse(stdout) as Record<string, never> & { first: { saved: number } };

  const saved = told.first.saved;
  expect(saved).toBeGreaterThan(10);
  expect(told).toMatchObject({
    first: { code: 'full' },
    afterFull: { listed: saved, folders: saved, broken: 0 },
    lateOnFull: 'full',
    partsOfZero: 1,
    freeWhenFull: 0,
    deleteOnFull: 'done',
    deleteWithoutBallast: 'done',
    afterReopen: { listed: saved - 2, folders: saved - 2, broken: 0 },
    deleteAfterReopen: 'done',
    recovered: 'done',
    inTheEnd: { listed: saved - 2, folders: saved - 2, broken: 0 },
  });
});
