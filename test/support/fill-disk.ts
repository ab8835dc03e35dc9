/** Runs on a small file system of its own: fills it, and tells on stdout, as JSON, how the store fares. */
import { readdirSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '../../storage/errors.ts';
import { openLocalStore } from '../../storage/local.ts';
import { randomPart, sealedLoop } from './sealed-loop.ts';
import { loopId } from './transaction.ts';

const [directory = ''] = process.argv.slice(2);
const junk = join(directory, 'junk');
const options = { clock: { now: () => Date.now() } };
let store = await openLocalStore(directory, options);

async function codeOf(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'done',
    (error: unknown) => (error instanceof StorageError ? error.code : String(error)),
  );
}

async function saveUntilFull(first: number): Promise<{ readonly saved: number; readonly code: string }> {
  for (let number = first; ; number += 1) {
    const code = await codeOf(store.save(sealedLoop(number, { parts: [randomPart(100_000)] })));
    if (code !== 'done') return { saved: number - first, code };
  }
}

/** Takes what is left, to the last page. */
function fillUp(): void {
  for (let size = 1 << 20, at = 0; size >= 512; size /= 2) {
    try {
      for (; ; at += 1) writeFileSync(`${junk}${at}`, new Uint8Array(size).fill(1));
    } catch {
      unlinkSync(`${junk}${at}`);
    }
  }
}

async function intact(): Promise<{ readonly listed: number; readonly folders: number; readonly broken: number }> {
  const { loops } = await store.list({ purpose: 'failure', limit: 1000 });
  const codes = await Promise.all(loops.map((loop) => codeOf(store.parts(loop.id))));
  return {
    listed: loops.length,
    folders: readdirSync(join(directory, 'loops')).length,
    broken: codes.filter((code) => code !== 'done').length,
  };
}

const first = await saveUntilFull(0);
const afterFull = await intact();
fillUp();
const lateOnFull = await codeOf(store.save(sealedLoop(0, { parts: [randomPart(50_000)] })));
const partsOfZero = (await store.parts(loopId(0))).length;
const freeWhenFull = statfsSync(directory).bavail;
const deleteOnFull = await codeOf(store.delete(loopId(1)));
unlinkSync(join(directory, 'ballast'));
fillUp();
const deleteWithoutBallast = await codeOf(store.delete(loopId(2)));
fillUp();
await store.close();
store = await openLocalStore(directory, options);
const afterReopen = await intact();
const deleteAfterReopen = await codeOf(store.delete(loopId(3)));
for (const name of readdirSync(directory)) if (name.startsWith('junk')) unlinkSync(join(directory, name));
const recovered = await codeOf(store.save(sealedLoop(900)));
const inTheEnd = await intact();
await store.close();
console.log(
  JSON.stringify({
    first,
    afterFull,
    lateOnFull,
    partsOfZero,
    freeWhenFull,
    deleteOnFull,
    deleteWithoutBallast,
    afterReopen,
    deleteAfterReopen,
    recovered,
    inTheEnd,
  }),
);
