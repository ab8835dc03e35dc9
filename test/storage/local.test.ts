import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openLocalStore } from '../../storage/local.ts';
import type { LoopStore } from '../../storage/port.ts';
import { storeContract } from '../contracts/store-contract.ts';
import { ManualTime } from '../support/manual-time.ts';
import { sealedLoop, sealedPart } from '../support/sealed-loop.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { loopId, loopSummary } from '../support/transaction.ts';

const clock = new ManualTime();
const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

storeContract('the local store', {
  open: () => {
    directories.push(mkdtempSync(join(tmpdir(), 'loop-store-')));
    return openLocalStore(directories.at(-1) ?? '', { clock });
  },
  reopen: () => openLocalStore(directories.at(-1) ?? '', { clock }),
});

async function open(directory: string, lockWaitMs = 1000): Promise<LoopStore> {
  const store = await openLocalStore(directory, { clock, lockWaitMs });
  onTestFinished(() => store.close());
  return store;
}

const filesOf = (directory: string, id: number) => readdirSync(join(directory, 'loops', loopId(id)));
const fileOf = (directory: string, id: number, ending: string) =>
  join(directory, 'loops', loopId(id), filesOf(directory, id).find((name) => name.endsWith(ending)) ?? '?');

describe('what is on the disk', () => {
  it('is for the owner alone', async () => {
    const directory = join(temporaryDirectory(), 'data');
    const store = await open(directory);
    await store.save(sealedLoop(1));
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(directory)).toBe(0o700);
    for (const path of ['index.sqlite', 'ballast', 'owner.json']) expect(mode(join(directory, path))).toBe(0o600);
    expect(mode(fileOf(directory, 1, '.seg'))).toBe(0o600);
    expect(mode(fileOf(directory, 1, '.view'))).toBe(0o600);
  });

  it('is one file per part and one view, the former view gone', async () => {
    const directory = temporaryDirectory();
    const store = await open(directory);
    await store.save(sealedLoop(1));
    await store.save(sealedLoop(1, { view: '{"new":true}', parts: [sealedPart('late')] }));
    expect(
      filesOf(directory, 1)
        .map((name) => name.replace(/^[0-9a-f]{64}/, ''))
        .toSorted(),
    ).toEqual(['.seg', '.seg', '.view']);
  });

  it('is gone after a delete, from index and log too', async () => {
    const directory = temporaryDirectory();
    const store = await open(directory);
    const summary = loopSummary(1, { path: '/canary-in-the-index' });
    await store.save(sealedLoop(1, { summary }));
    const onDisk = () =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join();
    expect(onDisk()).toContain('canary');
    await store.delete(loopId(1));
    expect(readdirSync(join(directory, 'loops'))).toEqual([]);
    expect(onDisk()).not.toContain('canary');
  });

  it('is swept of what a crash left, at the next start, and nothing else is touched', async () => {
    const directory = temporaryDirectory();
    const first = await open(directory);
    await first.save(sealedLoop(1));
    await first.close();
    const loops = join(directory, 'loops');
    mkdirSync(join(loops, loopId(2)));
    writeFileSync(join(loops, loopId(2), 'half.seg'), 'x');
    writeFileSync(join(loops, loopId(1), `${'0'.repeat(64)}.seg.new`), 'x');
    writeFileSync(join(loops, 'README'), 'somebody put this here');
    const second = await open(directory);
    expect(readdirSync(loops).toSorted()).toEqual([loopId(1), 'README']);
    expect(filesOf(directory, 1)).toHaveLength(2);
    expect(await second.parts(loopId(1))).toHaveLength(1);
  });
});

describe('a damaged loop', () => {
  it.each([
    ['a part is missing', '.seg', unlinkSync],
    ['a part is cut', '.seg', (path: string) => truncateSync(path, 3)],
    ['a part has other bytes', '.seg', (path: string) => writeFileSync(path, 'part of 2')],
  ])('%s: is corrupt on access, says so in lists, and leaves the others alone', async (_, ending, damage) => {
    const directory = temporaryDirectory();
    const store = await open(directory);
    await store.save(sealedLoop(1));
    await store.save(sealedLoop(2));
    damage(fileOf(directory, 1, ending));
    await expect(store.parts(loopId(1))).rejects.toMatchObject({
      code: 'corrupt',
      hint: expect.stringContaining('loopctl delete 000000000001'),
    });
    const { loops } = await store.list({ purpose: 'failure', limit: 9 });
    expect(loops.map((loop) => [loop.id, loop.holes.length])).toEqual([
      [loopId(2), 0],
      [loopId(1), 1],
    ]);
    expect(loops[1]?.holes[0]).toMatch(/^Loop 000000000001 is damaged: its part [0-9a-f]{12}… /);
    expect(await store.parts(loopId(2))).toHaveLength(1);
    await store.delete(loopId(1));
    expect(readdirSync(join(directory, 'loops'))).toEqual([loopId(2)]);
  });

  it('with its view missing is corrupt, and a damaged companion is not chosen', async () => {
    const directory = temporaryDirectory();
    const store = await open(directory);
    await store.save(sealedLoop(1, { subject: 'pricing', summary: loopSummary(1, { purpose: 'ambient' }) }));
    unlinkSync(fileOf(directory, 1, '.view'));
    await expect(store.get(loopId(1))).rejects.toMatchObject({ code: 'corrupt' });
    expect(await store.companions(['pricing'])).toEqual([]);
  });

  it('whose summary cannot be read stays listed, with a hole', async () => {
    const directory = temporaryDirectory();
    const first = await open(directory);
    await first.save(sealedLoop(1));
    await first.close();
    const index = new Sqlite(join(directory, 'index.sqlite'));
    index.prepare('UPDATE loops SET summary = ?').run('{"id":');
    index.close();
    const store = await open(directory);
    const { loops } = await store.list({ purpose: 'failure', limit: 9 });
    expect(loops).toMatchObject([{ id: loopId(1), holes: ['the stored summary is damaged'] }]);
  });
});

describe('opening', () => {
  it('is refused while another holds the store, naming its pid, and works once it is let go', async () => {
    const directory = temporaryDirectory();
    const first = await open(directory);
    await expect(openLocalStore(directory, { clock, lockWaitMs: 20 })).rejects.toMatchObject({
      code: 'locked',
      message: `Another process (pid ${process.pid}) holds the store.`,
    });
    await first.save(sealedLoop(1));
    await first.close();
    const second = await open(directory);
    expect(await second.parts(loopId(1))).toHaveLength(1);
  });

  it.each([
    ['no database at all', () => Buffer.from('this is not a database, however long you look at it'.repeat(100))],
    ['pages overwritten', (bytes: Buffer) => bytes.fill(0xaa, 4096, 8 * 4096)],
    ['cut in the middle', (bytes: Buffer) => bytes.subarray(0, 2 * 4096 + 100)],
  ])('says corrupt for an index with %s', async (_, damage) => {
    const directory = temporaryDirectory();
    const first = await open(directory);
    for (let number = 0; number < 30; number += 1) await first.save(sealedLoop(number));
    await first.close();
    const path = join(directory, 'index.sqlite');
    writeFileSync(path, damage(readFileSync(path)));
    await expect(openLocalStore(directory, { clock })).rejects.toMatchObject({
      name: 'StorageError',
      code: 'corrupt',
      hint: expect.stringContaining('backup'),
    });
  });

  it('says io when the directory is none', async () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, '');
    await expect(openLocalStore(path, { clock })).rejects.toMatchObject({ code: 'io' });
  });
});

it('takes a deleted id again a day later', async () => {
  const store = await open(temporaryDirectory());
  await store.save(sealedLoop(1));
  await store.delete(loopId(1));
  clock.advance(24 * 60 * 60 * 1000 + 1);
  await store.delete(loopId(1));
  await store.save(sealedLoop(1));
  expect(await store.parts(loopId(1))).toHaveLength(1);
});
