/** An answer of a database that is larger than what a recorder holds. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { loopctl } from '../support/cli.ts';
import { failureOf, replayDatabase, serveDatabase } from '../support/database/world.ts';
import { startPostgres } from '../support/postgres.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { startTestLoopd } from '../support/test-loopd.ts';

const MB = 1_000_000;
const PATIENCE_MS = 120_000;
const SETTLES_MS = 20_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of this process's buffers, without garbage. */
function buffersHeld(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
const QUERY = 'select n, repeat(md5(n::text), 2048) as filler from generate_series(1, $1::int) n';

it(
  'a result of 64 MB is kept with its beginning, says so, and takes no more room than others',
  { timeout: PATIENCE_MS },
  async (context) => {
    await skipWithoutNamespaces(context);
    await using world = new AsyncDisposableStack();
    const database = await startPostgres();
    world.defer(() => database.stop());
    const daemon = await startTestLoopd();
    world.defer(() => daemon.close());
    const { ask } = await serveDatabase(world, { sink: daemon.sink, database, env: { SIZE: '1024', EAGER: '1' } });
    const before = process.memoryUsage().arrayBuffers;
    expect(await ask('/fail-big')).toEqual({ status: 500, body: '{"rows":1024,"bytes":67108864}' });
    const { summary, transaction, file } = await failureOf(daemon);
    // Once it is stored, the ring (64 MiB) is all that stays.
    await expect.poll(() => buffersHeld() - before, { timeout: SETTLES_MS }).toBeLessThan(80 * MB);
    expect(summary.bytes).toBeLessThan(20 * MB);
    // How much of it is kept depends on how it came in pieces; nothing is neither kept nor named.
    expect(summary.holes).toEqual([expect.stringMatching(/^db\.shop: \d+ bytes to stock were not kept \(budget\)$/)]);
    const left = Number(/(\d+) bytes/.exec(summary.holes[0] ?? '')?.[1]);
    expect(left + summary.bytes).toBeGreaterThan(1024 * 65_536);
    expect(left).toBeLessThan(1024 * 65_536);
    expect(transaction.commands).toMatchObject([{ attribution: 'exclusive', command: { summary: QUERY, cut: true } }]);

    const rows = transaction.commands[0]?.command.rows ?? 0;
    expect(rows).toBeGreaterThan(100);
    const shown = await loopctl(['show', summary.id], { data: daemon.data });
    expect(shown.stdout).toContain(`${QUERY}  ${rows} rows, the rest was not kept`);
    const { report } = await replayDatabase(file, { EAGER: '1', SIZE: '1024' });
    expect(report).toMatchObject({ outcome: 'incomplete', holes: summary.holes, missed: [{ summary: QUERY }] });
    expect(report.missed[0]?.explanation).toEqual([expect.stringContaining('the recording holds no more rows')]);

    // What comes behind on the same connection is recorded as ever.
    await ask('/fail');
    expect(daemon.complaints).toEqual([]);
  },
);
