// A ring with copies of what outlives it, or pages that go when nobody wants them: which holds more per byte, and which tosses cheaper?
//   node bench/holding.ts --json
// Exchanges of 1 KB in seven records, 64 at once, whose records lie among each other. Most go well and are tossed at their end; `--kept` of them
// are wanted for ten times as long as a buffer of that size lasts. History is how old records are when they are taken (of ten times, nine it is
// more), in bytes received since, per byte used. `lost`: records that were wanted, and had to go.
import { parseArgs } from 'node:util';
import { ArenaStore } from './holding/arena-store.ts';
import { RingStore } from './holding/ring-store.ts';
import type { Store } from './holding/store.ts';
import { environment, rounded, spread } from './load/numbers.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    kept: { type: 'string', default: '0.02' },
  },
});
const BYTES = 4 * 1024 * 1024;
const AT_ONCE = 64;
const EXCHANGES = values.quick ? 150_000 : 500_000;
const ROUNDS = values.quick ? 1 : 5;
const LONGER = 10;
const PAYLOADS = [120, 302, 210, 90, 158, 58, 2].map((bytes) => new Uint8Array(bytes).fill(7));
const EXCHANGE_BYTES = PAYLOADS.reduce((sum, { length }) => sum + length + 40, 0);

interface Result {
  /** Bytes received since what was taken last, per byte used. 1: everything used is history. */
  readonly historyPerByte: number;
  readonly lostShare: number;
  readonly micros: number;
}

const LAST_EXCHANGES = (LONGER * BYTES) / EXCHANGE_BYTES;

/** `every`: one in so many is wanted for longer; 0: none. */
function run(store: Store, every: number): Result {
  const wanted: number[] = [];
  let released = 0;
  const histories: number[] = [];
  let bytes = 0;
  const before = process.threadCpuUsage();
  for (let begun = AT_ONCE; begun < EXCHANGES; begun += AT_ONCE) {
    for (const payload of PAYLOADS)
      for (let index = 1; index <= AT_ONCE; index++) store.append(begun - AT_ONCE + index, payload);
    for (let index = 1; index <= AT_ONCE; index++) {
      const exchange = begun - AT_ONCE + index;
      if (every > 0 && exchange % every === 0) wanted.push(exchange);
      else store.toss(exchange);
    }
    while (released < wanted.length) {
      const oldest = wanted[released] ?? 0;
      if (begun - oldest < LAST_EXCHANGES) break;
      store.toss(oldest);
      released += 1;
    }
    if (begun < EXCHANGES / 2) continue;
    histories.push(store.history);
    bytes += store.bytes;
  }
  const { user, system } = process.threadCpuUsage(before);
  histories.sort((one, other) => one - other);
  const history = histories[Math.floor(histories.length / 10)] ?? 0;
  return {
    historyPerByte: (history * EXCHANGE_BYTES) / (bytes / histories.length),
    lostShare: store.lost / Math.max(1, wanted.length * PAYLOADS.length),
    micros: (user + system) / EXCHANGES,
  };
}

const STORES: readonly (() => Store)[] = [
  () => new RingStore(BYTES),
  () => new ArenaStore(BYTES, false),
  () => new ArenaStore(BYTES, true),
];
const every = Math.round(1 / Number(values.kept));

function row(create: () => Store) {
  const rounds = Array.from({ length: ROUNDS }, () => ({
    none: run(create(), 0),
    kept: run(create(), every),
  }));
  return {
    store: create().name,
    historyPerByte: rounded(spread(rounds.map(({ none }) => none.historyPerByte)).median),
    historyPerByteWithKept: rounded(spread(rounds.map(({ kept }) => kept.historyPerByte)).median),
    lostShareOfKept: rounded(spread(rounds.map(({ kept }) => kept.lostShare)).median, 3),
    microsPerExchange: spread(rounds.map(({ none }) => none.micros)),
    microsPerExchangeWithKept: spread(rounds.map(({ kept }) => kept.micros)),
  };
}

run(new RingStore(BYTES), every);
run(new ArenaStore(BYTES, true), every);
const rows = STORES.map(row);
for (const one of rows) process.stderr.write(`${JSON.stringify(one)}\n`);
if (values.json)
  process.stdout.write(
    `${JSON.stringify({ kept: Number(values.kept), environment: environment(), rows }, undefined, 1)}\n`,
  );
