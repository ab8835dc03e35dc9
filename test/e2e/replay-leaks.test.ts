// What replays leave behind: nothing, however many there are, and however they end.
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { makeSmallProject, startReplay } from '../support/watched-replay.ts';
import type { SmallProject, Watched } from '../support/watched-replay.ts';

beforeEach(skipWithoutNamespaces);

const NOTHING = { processes: [], namespaces: [], mounts: [], ports: [], files: [] };
const TIMES = 8;

async function project(rate: string, body?: string, number?: number): Promise<SmallProject> {
  const made = await makeSmallProject(rate, body, number);
  onTestFinished(() => made.remove());
  return made;
}

/** Outcome and answer. */
function outcomeOf({ stdout, stderr }: Watched): readonly unknown[] {
  if (stdout === '') throw new Error(stderr);
  const { outcome, replayed, calls } = REPLAY_REPORT.parse(JSON.parse(stdout));
  return [outcome, replayed.body, ...calls.map(({ grade }) => grade)];
}

/** A sandbox was seen, and nothing of it is left. */
function expectNothingLeft({ seen, left }: Watched): void {
  expect(seen.processes).toBeGreaterThan(2);
  expect(seen.namespaces).toBeGreaterThan(2);
  expect(left).toEqual(NOTHING);
}

/** SIGKILL leaves nobody to remove what the service reads while it runs: the authority's files and the clock's page stay, a few kB, and nothing else. */
function expectOnlyFilesLeft(watched: Watched): void {
  const files = watched.left.files.filter((name) => !/^loop-(?:trust|clock)-/.test(name));
  expectNothingLeft({ ...watched, left: { ...watched.left, files } });
}

it('two replays of two loops at once: each finds its own answers', async () => {
  const [one, other] = [await project('1.25', undefined, 1), await project('2.5', undefined, 2)];
  const both = await Promise.all([startReplay(one).ended, startReplay(other).ended]);
  expect(both.map(outcomeOf)).toEqual([
    ['reproduced', '{"rate":"1.25"}', 'exact'],
    ['reproduced', '{"rate":"2.5"}', 'exact'],
  ]);
  both.forEach(expectNothingLeft);
});

it(`one loop ${TIMES} times in a row: the same outcome each time`, async () => {
  const made = await project('1.25');
  for (let time = 0; time < TIMES; time += 1) {
    const watched = await startReplay(made).ended;
    expect(outcomeOf(watched)).toEqual(['reproduced', '{"rate":"1.25"}', 'exact']);
    expectNothingLeft(watched);
  }
});

const HANGS = `console.log('asked'); await new Promise(() => undefined);`;

it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'loopctl ended by %s while the service thinks: the sandbox goes with it',
  async (signal) => {
    const replay = startReplay(await project('1.25', HANGS));
    await replay.said('asked');
    replay.child.kill(signal);
    const watched = await replay.ended;
    expect(watched).toMatchObject({ code: null, signal, stdout: '' });
    (signal === 'SIGKILL' ? expectOnlyFilesLeft : expectNothingLeft)(watched);
  },
);

it('loopctl killed while a debugger holds its place: the port is free again', async () => {
  const replay = startReplay(await project('1.25', HANGS), ['--inspect', '0']);
  await replay.said('waits for a debugger');
  replay.child.kill('SIGKILL');
  const watched = await replay.ended;
  expect(watched.signal).toBe('SIGKILL');
  expectOnlyFilesLeft(watched);
});
