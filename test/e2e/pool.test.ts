/** Fifty orders at once over a pool of five connections, one of which fails: its statements are found among those of the others, and replay. */
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loopctl } from '../support/cli.ts';
import { DATABASE, POOL_SERVICE, runPool } from '../support/pool/run.ts';
import type { PoolRun } from '../support/pool/run.ts';
import { checkedReport } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** The database is gone; the pool is another, and no request stands beside. */
async function replay({ file }: PoolRun, connections: number) {
  const { stdout, stderr } = await loopctl(
    ['replay', file, '-o', 'json', '--port', '8080', '--', 'node', 'service.ts'],
    {
      cwd: dirname(POOL_SERVICE),
      data: temporaryDirectory(),
      env: { PGHOST: DATABASE.name, PGPORT: String(DATABASE.port), POOL: String(connections), LEDGER: undefined },
    },
  );
  if (stdout === '') throw new Error(stderr);
  return checkedReport(stdout);
}

describe('one failure among fifty orders that share five connections', () => {
  it.each([1, 2])(
    'statements that carry trace context, and a sidecar of %i workers: all of it, and nothing else',
    async (workers) => {
      await using run = await runPool({ seed: 11, comments: 'traceparent', workers });
      expect(run.statuses).toEqual({ 200: 49, 500: 1 });
      expect(run).toMatchObject({ recorded: run.made, placed: run.made, right: run.made, amiss: [], holes: [] });
    },
  );

  it('without it: nothing that is not its own, and all but what equals the statements of others', async (context) => {
    await skipWithoutNamespaces(context);
    await using run = await runPool({ seed: 11, comments: 'none' });
    expect(run.statuses).toEqual({ 200: 49, 500: 1 });
    expect(run).toMatchObject({ recorded: run.made, placed: run.right, holes: [] });
    expect(run.amiss.filter((line) => !/^missed: select (?:rate|name) /.test(line))).toEqual([]);
    for (const connections of [1, 7]) {
      const report = await replay(run, connections);
      expect(report).toMatchObject({ outcome: 'reproduced', diff: [], missed: [], refused: [] });
      expect(report.replayed.body).toBe(run.answer);
      const asked = report.calls.filter(({ grade }) => grade !== 'synthesised');
      expect(asked).toHaveLength(run.made);
      expect(asked.filter(({ grade }) => grade === 'drifted')).toEqual([]);
    }
  });
});
