// The same loop in five languages: recorded through a real sidecar, replayed to a breakpoint, by root and by an ordinary user.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { FINDINGS } from '../runtimes/row.ts';
import { runRow } from '../runtimes/run-row.ts';
import { NAMES } from '../runtimes/runtimes.ts';
import { isRoot } from '../runtimes/user.ts';
import { startWorld } from '../runtimes/world.ts';
import type { World } from '../runtimes/world.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

/** With its packages to be downloaded and compiled first, on a machine that does other things too. */
const ROW_MS = 600_000;
/** Seconds that a debugger holds the service; two minutes are held by `npm run matrix:runtimes -- --pause 120`. */
const PAUSE = 2;

let world: World | undefined;

beforeEach(skipWithoutNamespaces);
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(async () => world?.[Symbol.asyncDispose]());

it.for(NAMES)(
  '%s: stops at the line, reads the local, and fails as it was recorded',
  { timeout: ROW_MS },
  async (name, context) => {
    if (world === undefined) throw new Error('There is no world.');
    const line = await runRow(world, name, { users: ['root', 'user'], pause: PAUSE });
    if ('unavailable' in line) {
      if (process.env['CI'] !== undefined) throw new Error(`unavailable: ${line.unavailable}`);
      return context.skip(`unavailable: ${line.unavailable}`);
    }
    expect(line.remarks).toEqual([]);
    // A Go program that is built already keeps the real time below a debugger, and the replay says so.
    const delved = /^within 1 s without a debugger; with one: .*keeps the real time/;
    const clock = name === 'go' ? delved.test(String(line.clockWithin1s)) : line.clockWithin1s;
    expect({ ...line, clockWithin1s: clock }).toMatchObject(
      Object.fromEntries(FINDINGS.map((finding) => [finding, true])),
    );
    expect(line.asUser).toBe(true);
    // A bare true only for what was tried.
    expect(line.asRoot).toBe(isRoot() ? true : 'not tried: the table is not run by root, and does not ask for it');
    expect(line.pause120s).toBe(`held for ${PAUSE} s and reproduced; 120 s were not tried (--pause 120)`);
  },
);
