/** Saves loops in a directory, on this thread or beside it, and tells on stdout, as JSON, how late this thread ran meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { openLocalStore } from '../../storage/local.ts';
import { openStoreThread } from '../../storage/thread/client.ts';
import { sealedLoop } from './sealed-loop.ts';
import { SickDisk } from './sick-disk.ts';

const [directory = '', where = '', words = '', ms = '0'] = process.argv.slice(2);
const open = where === 'beside' ? openStoreThread : openLocalStore;
const store = await open(directory, { clock: { now: () => Date.now() } });
SickDisk.at(words).syncsTake(Number(ms));
let latest = 0;
let over = false;
const watch = (async () => {
  for (let last = performance.now(); !over; last = performance.now()) {
    await delay(10);
    latest = Math.max(latest, performance.now() - last - 10);
  }
})();
for (let number = 1; number <= 2; number += 1) await store.save(sealedLoop(number));
over = true;
await watch;
SickDisk.at(words).syncsTake(0);
await store.close();
console.log(JSON.stringify({ lateMs: Math.round(latest), seen: SickDisk.at(words).seen }));
