// A disk that is slow, hangs, or is full: recording goes on, loopd answers and says so, and what it said it keeps is there afterwards.
import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startChildLoopd, type ChildLoopd } from '../support/child-loopd.ts';
import { connectTo } from '../support/extproc-client.ts';
import { failures, sendOutage } from '../support/outage-load.ts';
import { SickDisk } from '../support/sick-disk.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { allFailures } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const PER_SECOND = 20;
const MIB = 1024 * 1024;

async function loopdOn(data = temporaryDirectory()) {
  const disk = SickDisk.make(join(temporaryDirectory(), 'words'));
  const loopd = await startChildLoopd(data, 'recorder: {settleMs: 100}\n', 100_000, { env: disk.env });
  onTestFinished(async () => {
    disk.syncsTake(0);
    disk.isFull(false);
    await loopd.stop();
  });
  const session = connectTo({ kind: 'unix', path: join(data, 'sink.sock') });
  onTestFinished(() => session.destroy());
  const fail = (count: number, first: number) =>
    sendOutage([session], { failures: failures(count, first, 'no price'), perSecond: PER_SECOND });
  return { data, disk, loopd, fail, url: readFileSync(join(data, 'api'), 'utf8').trim() };
}

const readiness = async (url: string): Promise<{ readonly status: string; readonly reasons: readonly string[] }> =>
  (await fetch(new URL('/readyz', url))).json() as never;

const stored = (metrics: Readonly<Record<string, number>>, fate: 'kept' | 'lost'): number =>
  metrics[`loop_keeper_recordings{fate="${fate}"}`] ?? NaN;

const resident = ({ pid }: ChildLoopd): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

/** Asks again and again; the longest that an answer took, ms. */
async function longest(ask: () => Promise<unknown>, meanwhile: Promise<unknown>): Promise<number> {
  let most = 0;
  let over = false;
  void meanwhile.finally(() => (over = true));
  while (!over) {
    const began = performance.now();
    await ask();
    most = Math.max(most, performance.now() - began);
  }
  return most;
}

/** What was sent is listed, or counted as lost; nothing else waits. */
async function accountedFor({ loopd }: { loopd: ChildLoopd }, sent: number): Promise<void> {
  const metrics = await until(
    () => loopd.metrics(),
    (seen) => seen['loop_keeper_backlog_parts'] === 0 && stored(seen, 'kept') + stored(seen, 'lost') >= sent,
  );
  const listed = await allFailures(loopd.api);
  expect(listed.length + stored(metrics, 'lost')).toBe(sent);
}

test(
  'each fsync takes 300 ms, then hangs: recording goes on, loopd answers, and all is stored afterwards',
  { timeout: 60_000 },
  async () => {
    const world = await loopdOn();
    const { disk, loopd, fail, url } = world;
    expect(await readiness(url)).toEqual({ status: 'ready', reasons: [] });
    const before = resident(loopd);

    disk.syncsTake(300);
    const slow = fail(120, 1);
    const askedFor = await longest(() => loopd.metrics(), slow);
    expect(await slow, 'the sink took them as they came').toBeLessThan(8_000);
    expect(disk.seen.delayed).toBeGreaterThan(5);
    const waits = (seen: { readonly reasons: readonly string[] }): boolean => seen.reasons.includes('recordings-wait');
    expect(await until(() => readiness(url), waits)).toMatchObject({ status: 'degraded' });
    expect(askedFor, 'an answer took').toBeLessThan(1_000);

    disk.syncsTake(600_000);
    const hung = fail(30, 1_000);
    expect(await longest(() => loopd.metrics(), hung), 'an answer took').toBeLessThan(1_000);
    const isSlow = (seen: { readonly reasons: readonly string[] }): boolean => seen.reasons.includes('store-slow');
    expect(await until(() => readiness(url), isSlow)).toMatchObject({ status: 'degraded' });
    expect(resident(loopd) - before).toBeLessThan(100 * MIB);

    disk.syncsTake(0);
    await accountedFor(world, 150);
    await until(
      () => readiness(url),
      ({ status }) => status === 'ready',
    );
  },
);

test(
  'the disk is full and then is not: loopd says so, and stores what waits within 10 s',
  { timeout: 60_000 },
  async () => {
    const world = await loopdOn();
    const { disk, loopd, fail, url } = world;
    await fail(5, 1);
    await accountedFor(world, 5);
    disk.isFull(true);
    await fail(40, 100);
    await until(
      () => readiness(url),
      ({ reasons }) => reasons.includes('recordings-wait'),
    );
    expect(disk.seen.refused).toBeGreaterThan(0);
    expect((await allFailures(loopd.api)).length, 'what a full disk takes').toBe(5);
    disk.isFull(false);
    const began = performance.now();
    await accountedFor(world, 45);
    expect(stored(await loopd.metrics(), 'lost')).toBe(0);
    await until(
      () => readiness(url),
      ({ status }) => status === 'ready',
    );
    expect(performance.now() - began).toBeLessThan(10_000);
  },
);

test('killed while it saves on a slow disk: what was listed is listed and whole', { timeout: 60_000 }, async () => {
  const { data, disk, loopd, fail } = await loopdOn();
  disk.syncsTake(50);
  await fail(60, 1);
  const listed = await until(
    () => allFailures(loopd.api),
    (loops) => loops.length >= 5,
  );
  const { loop_keeper_backlog_parts: waiting } = await loopd.metrics();
  expect(waiting, 'in the midst of saving').toBeGreaterThan(0);
  loopd.signal('SIGKILL');
  await loopd.stop();

  const again = await startChildLoopd(data);
  onTestFinished(() => again.stop());
  const ids = new Set((await allFailures(again.api)).map(({ id }) => id));
  for (const { id } of listed) {
    expect(ids).toContain(id);
    expect((await again.api.recording(id, { open: true })).length).toBeGreaterThan(0);
  }
  // Damage would be seen.
  const [damaged] = ids;
  if (damaged === undefined) throw new Error('Nothing is listed.');
  const folder = join(data, 'store', 'loops', damaged);
  for (const name of readdirSync(folder)) if (name.endsWith('.seg')) truncateSync(join(folder, name), 10);
  await expect(again.api.recording(damaged, { open: true })).rejects.toMatchObject({ code: 'corrupt' });
});
