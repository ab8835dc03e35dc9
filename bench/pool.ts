// Fifty transactions at once over a pool of five Postgres connections, one failing: which of the statements are said to be its own, and which are?
//   npm run table:pool -- --seeds 1,2,3 --workers 1 -o json
// The truth stands in marks that only the server's log and the service's ledger know. Rows on stdout, progress on stderr.
import { parseArgs } from 'node:util';
import { runPool } from '../test/support/pool/run.ts';
import type { PoolOptions } from '../test/support/pool/run.ts';

const { values } = parseArgs({
  options: {
    output: { type: 'string', short: 'o', default: 'table' },
    verbose: { type: 'boolean', short: 'v', default: false },
    seeds: { type: 'string', default: '1,2,3' },
    workers: { type: 'string', default: '1,2' },
    requests: { type: 'string', default: '50' },
    connections: { type: 'string', default: '5' },
  },
});

interface Row {
  readonly comments: PoolOptions['comments'];
  readonly workers: number;
  readonly seed: number;
  readonly statements: number;
  readonly recorded: number;
  readonly placed: number;
  readonly right: number;
  readonly precision: number;
  readonly recall: number;
  /** Commands that may have been its own, and are said to be nobody's. */
  readonly unplaced: number;
}

async function rowOf(options: PoolOptions & { readonly workers: number }): Promise<Row> {
  await using run = await runPool(options);
  if (values.verbose) for (const line of run.amiss) process.stderr.write(`${line}\n`);
  const { comments, workers, seed } = options;
  return {
    comments,
    workers,
    seed,
    statements: run.made,
    recorded: run.recorded,
    placed: run.placed,
    right: run.right,
    precision: share(run.right, run.placed),
    recall: share(run.right, run.made),
    unplaced: run.unplaced,
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : Math.round((1000 * part) / whole) / 1000;
}

function numbers(text: string): readonly number[] {
  return text.split(',').map(Number);
}

const rows: Row[] = [];
for (const comments of ['traceparent', 'none'] as const)
  for (const workers of numbers(values.workers))
    for (const seed of numbers(values.seeds)) {
      const [requests, connections] = [Number(values.requests), Number(values.connections)];
      const row = await rowOf({ seed, comments, workers, requests, connections });
      process.stderr.write(`${JSON.stringify(row)}\n`);
      rows.push(row);
    }

if (values.output === 'json') process.stdout.write(`${JSON.stringify({ rows }, null, 1)}\n`);
else {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => Object.values(row).map(String))];
  process.stdout.write(lines.map((line) => `${line.map((cell) => String(cell).padEnd(12)).join('')}\n`).join(''));
}
