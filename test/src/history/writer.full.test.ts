import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { HistoryStats } from '../../../src/history/client.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const FILLER = join(import.meta.dirname, '../../support/fill-history.ts');

it(
  'a disk that has less room than is wanted: what there is, is used round and round, and said',
  { timeout: 60_000 },
  async () => {
    // A mount namespace of its own needs no root, and the file system is gone with the process.
    const script = 'mount -t tmpfs -o size=6m,mode=0700 tmpfs "$1" && exec "$2" "$3" "$1"';
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
    const told = JSON.parse(stdout) as { short: string; round: HistoryStats; recent: number; old: number };
    expect(told.short).toMatch(/^The history has 5 of 17 MiB: ENOSPC/);
    expect(told.round.blocks).toMatchObject({ failed: 0, damaged: 0 });
    expect(told.round.blocks.written).toBeGreaterThan(10);
    // In five slots, and in memory while four wait for one and another fills.
    expect(told.round.blocks.held).toBeLessThanOrEqual(10);
    expect(told).toMatchObject({ recent: 4, old: 0 });
  },
);
