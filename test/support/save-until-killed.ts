/** Saves, saves again and deletes loops in a directory until it is killed. A line on stdout for each act that is done: it must survive. */
import { writeSync } from 'node:fs';
import { openLocalStore } from '../../storage/local.ts';
import { randomPart, sealedLoop } from './sealed-loop.ts';
import { loopId } from './transaction.ts';

const [directory = '', first = '0'] = process.argv.slice(2);
const store = await openLocalStore(directory, { clock: { now: () => Date.now() } });
const tell = (act: string, number: number, digests: readonly string[] = []): unknown =>
  writeSync(1, `${[act, loopId(number), ...digests].join(' ')}\n`);

for (let number = Number(first); ; number += 1) {
  const parts = [randomPart(1 + Math.floor(Math.random() * 40_000)), randomPart(100)];
  await store.save(sealedLoop(number, { parts }));
  tell(
    'saved',
    number,
    parts.map((part) => part.digest),
  );
  if (number % 3 === 0) {
    const late = randomPart(5_000);
    await store.save(sealedLoop(number, { parts: [late], view: '{"version":1,"late":true}' }));
    tell('saved', number, [late.digest]);
  }
  if (number % 4 === 0) {
    tell('deleting', number);
    await store.delete(loopId(number));
    tell('deleted', number);
  }
}
