import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StoreProbe } from '../../../src/daemon/store-probe.ts';
import { ManualTime } from '../../support/manual-time.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const NEVER = () => new Promise<void>(() => undefined);

it('writes where recordings go, leaves nothing, and asks the disk once in five seconds', async () => {
  const clock = new ManualTime();
  const directory = join(temporaryDirectory(), 'store');
  mkdirSync(directory);
  const probe = new StoreProbe({ directory, clock, wait: NEVER });
  expect(await probe.state()).toBe('well');
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
  expect(await probe.state()).toBe('well');
  clock.advance(5000);
  expect(await probe.state()).toBe('failing');
  mkdirSync(directory);
  clock.advance(5000);
  expect(await probe.state()).toBe('well');
});

it('says of a disk that does not answer that it is slow', async () => {
  const directory = temporaryDirectory();
  const probe = new StoreProbe({ directory, clock: new ManualTime(), wait: () => Promise.resolve() });
  expect(await probe.state()).toBe('slow');
});
