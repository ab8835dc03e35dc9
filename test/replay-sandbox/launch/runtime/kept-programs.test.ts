import { readFile, readdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { keepProgram } from '../../../../replay-sandbox/launch/runtime/kept-programs.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

const writes = (text: string) => (output: string) => writeFile(output, text);
const HOUR = 3_600_000;

it('what is the same is kept once', async () => {
  const directory = temporaryDirectory();
  const first = await keepProgram('orders', writes('a'), directory);
  expect(await keepProgram('orders', writes('a'), directory)).toBe(first);
  expect(await keepProgram('orders', writes('b'), directory)).not.toBe(first);
  expect(await readFile(first, 'utf8')).toBe('a');
  expect(await readdir(directory)).toHaveLength(2);
});

it('eight stay, those used last; and whatever a replay may be about to start', async () => {
  const directory = temporaryDirectory();
  const at = (hour: number) => new Date(Date.UTC(2026, 0, 1) + hour * HOUR);
  const [first] = [await keepProgram('orders', writes('0'), directory, at(0))];
  for (let hour = 1; hour < 10; hour++) await keepProgram('orders', writes(String(hour)), directory, at(hour));
  expect(await readdir(directory)).toHaveLength(8);
  await expect(readFile(first)).rejects.toThrow('ENOENT');
  for (let more = 0; more < 3; more++) await keepProgram('orders', writes(`more ${more}`), directory, at(10));
  expect(await readdir(directory)).toHaveLength(8);
  for (let more = 0; more < 9; more++) await keepProgram('orders', writes(`many ${more}`), directory, at(11));
  expect(await readdir(directory)).toHaveLength(9);
});

it('of a build that fails nothing stays', async () => {
  const directory = temporaryDirectory();
  const failing = async (output: string): Promise<void> => {
    await writeFile(output, 'half');
    throw new Error('main.go:3: undefined: x');
  };
  await expect(keepProgram('orders', failing, directory)).rejects.toThrow('undefined: x');
  expect(await readdir(directory)).toEqual([]);
});
