/** Runs on a small file system of its own: a history larger than it, told on stdout as JSON how it fares. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { SLOT_BYTES } from '../../src/history/block.ts';
import { createHistoryFile } from '../../src/history/file.ts';
import { History } from '../../src/history/history.ts';
import { Bench, segmentsOf, traceKey } from './recorder.ts';
import { until } from './until.ts';

const [directory = ''] = process.argv.slice(2);
const slots = await createHistoryFile(join(directory, 'history'), SLOT_BYTES);
const bench = new Bench({ ringBytes: 16_384 }, { say: (message) => history.hear(message) });
const history: History = new History({
  slots,
  bytes: 16 * SLOT_BYTES,
  key: randomBytes(32),
  clock: bench.clock,
  say: (message) => bench.recorder.hear(message),
  emit: (part) => bench.parts.push(part),
});

let sent = 0;
let filled = 0;

/** Takes in so many blocks more, one after the other, so that all of them are written; the last one may still be open. */
async function fill(blocks: number): Promise<void> {
  for (let block = 0; block < blocks; block++) {
    for (let bytes = 0; bytes < 1_300_000; bytes += 2_000) {
      bench.exchange('carts', '/', 200, { trace: (sent += 1).toString(16), headers: { x: 'x'.repeat(1_500) } });
      bench.settle();
    }
    filled += 1;
    await until(
      () => history.stats().blocks,
      ({ written, failed }) => written + failed >= filled - 1,
    );
  }
}

async function find(number: number): Promise<number> {
  bench.takeParts();
  bench.recorder.keep(traceKey(number.toString(16)));
  bench.clock.advance(200);
  await bench.recorder.lookedBack();
  return bench.takeParts().flatMap(segmentsOf).length;
}

await fill(2);
await until(
  () => history.trouble,
  (trouble) => trouble !== undefined,
);
const short = history.trouble;
await fill(12);
const round = history.stats();
const recent = await find(sent - 100);
const old = await find(1);
await history.stop();
console.log(JSON.stringify({ short, round, recent, old, fates: bench.recorder.stats().fates }));
