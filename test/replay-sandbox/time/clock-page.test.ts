import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ClockState } from '../../../replay-sandbox/time/clock-page.ts';
import { ClockPage } from '../../../replay-sandbox/time/clock-page.ts';

const STATE: ClockState = { kind: 'run-up', wall: 1n, since: 2n, lead: 3n, paused: 4n, pauseBegan: 5n };

/** As native/clock.h and native/page.c read it. */
function current({ path }: ClockPage): readonly bigint[] {
  const bytes = readFileSync(path);
  const number = bytes[0] ?? 0;
  return Array.from({ length: 6 }, (_, index) => bytes.readBigInt64LE(number * 64 + index * 8));
}

it('holds the present state behind the byte that names it', () => {
  const page = new ClockPage(STATE);
  expect(readFileSync(page.path)).toHaveLength(4096);
  expect(current(page)).toEqual([3n, 1n, 2n, 3n, 4n, 5n]);
  page.write({ ...STATE, kind: 'shifted', wall: -1n });
  expect(current(page)).toEqual([1n, -1n, 2n, 3n, 4n, 5n]);
  page.close();
  expect(existsSync(page.path)).toBe(false);
});

it('never changes the state that counts, and comes round', () => {
  const page = new ClockPage(STATE);
  const seen = new Set<number>();
  for (let turn = 0n; turn < 200n; turn++) {
    const before = readFileSync(page.path);
    page.write({ ...STATE, wall: turn });
    const after = readFileSync(page.path);
    const [former = 0, number = 0] = [before[0], after[0]];
    expect(after.subarray(former * 64, former * 64 + 64)).toEqual(before.subarray(former * 64, former * 64 + 64));
    expect(current(page)[1]).toBe(turn);
    seen.add(number);
  }
  expect([...seen].toSorted((one, other) => one - other)).toEqual(Array.from({ length: 63 }, (_, index) => index + 1));
  page.close();
});

it('closed it writes nowhere, whoever has the number of its file now', () => {
  const directory = mkdtempSync(join(tmpdir(), 'loop-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const other = join(directory, 'other');
  writeFileSync(other, 'of somebody else');
  const page = new ClockPage(STATE);
  page.close();
  const files = Array.from({ length: 4 }, () => openSync(other, 'r+'));
  onTestFinished(() => files.forEach((file) => closeSync(file)));
  page.write({ ...STATE, wall: 7n });
  page.close();
  files.forEach((file) => expect(() => closeSync(file)).not.toThrow());
  files.splice(0);
  expect(readFileSync(other, 'utf8')).toBe('of somebody else');
});
