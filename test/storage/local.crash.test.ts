import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import type { LoopId } from '../../src/domain/ids.ts';
import { openLocalStore } from '../../storage/local.ts';
import type { LoopStore } from '../../storage/port.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const KILLS = 20;
const SAVER = join(import.meta.dirname, '../support/save-until-killed.ts');

/** What the killed processes said they had done. */
interface Told {
  readonly saved: Map<string, Set<string>>;
  /** Begun: there or not, both are right. */
  readonly deleting: Set<string>;
  readonly deleted: Set<string>;
}

/** Lets a process work until it has told of `acts` acts, then kills it after up to 20 ms more, wherever it stands. */
async function workAndDie(directory: string, first: number, acts: number, told: Told): Promise<void> {
  const child = spawn(process.execPath, [SAVER, directory, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const died = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [act, id = '', ...digests] = line.split(' ');
    if (act === 'saved')
      for (const digest of digests) told.saved.set(id, (told.saved.get(id) ?? new Set()).add(digest));
    if (act === 'deleting') told.deleting.add(id);
    if (act === 'deleted') told.deleted.add(id);
    seen += 1;
    if (seen === acts) setTimeout(() => child.kill('SIGKILL'), Math.random() * 20);
  }
  expect(await died).toBe('SIGKILL');
}

async function everyListed(store: LoopStore): Promise<readonly LoopId[]> {
  const ids: LoopId[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const page = await store.list({ purpose: 'failure', limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.loops.map((loop) => loop.id));
    cursor = page.next;
    more = cursor !== undefined;
  }
  return ids;
}

it(`loses and breaks no listed loop in ${KILLS} kills`, { timeout: 120_000 }, async () => {
  const directory = temporaryDirectory();
  const told: Told = { saved: new Map(), deleting: new Set(), deleted: new Set() };
  for (let kill = 0; kill < KILLS; kill += 1) {
    await workAndDie(directory, kill * 10_000, 1 + Math.floor(Math.random() * 12), told);
    const store = await openLocalStore(directory, { clock: { now: () => Date.now() } });
    const listed = await everyListed(store);
    for (const id of listed) {
      await store.get(id);
      const digests = new Set((await store.parts(id)).map((part) => part.digest));
      expect(told.saved.get(id)?.difference(digests).size ?? 0, `parts lost of ${id}`).toBe(0);
      expect(told.deleted, `${id} came back`).not.toContain(id);
    }
    const lost = [...told.saved.keys()].filter((id) => !told.deleting.has(id) && !listed.some((one) => one === id));
    expect(lost, 'loops that were saved and are not listed').toEqual([]);
    expect(readdirSync(join(directory, 'loops')).toSorted()).toEqual(listed.toSorted());
    await store.close();
  }
  expect(told.saved.size).toBeGreaterThan(KILLS);
});
