import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { ownDirectory } from '../../replay-sandbox/own-directory.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Of a process that has ended. */
const GONE = String(spawnSync(process.execPath, ['-e', '']).pid);

it('is for nobody else', () => {
  expect(statSync(ownDirectory('trust', temporaryDirectory())).mode & 0o777).toBe(0o700);
});

it('what killed replays left is cleared away, and nothing else', () => {
  const below = temporaryDirectory();
  const mine = basename(ownDirectory('clock', below));
  const left = mine.replace(String(process.pid), GONE);
  const others = [
    mine.replace(String(process.pid), '1'),
    left.replace(/-\d+-\w+$/, '-4-abcdef'),
    `loop-trust-${GONE}`,
    'loop-trust-x-y-z',
    'notes',
  ];
  for (const name of [left, ...others]) mkdirSync(join(below, name));
  const file = left.replace('clock', 'file');
  writeFileSync(join(below, file), '');
  const link = left.replace('clock', 'link');
  symlinkSync(join(below, 'notes'), join(below, link));
  const again = basename(ownDirectory('trust', below));
  expect(readdirSync(below).toSorted()).toEqual([mine, again, ...others, file, link].toSorted());
});
