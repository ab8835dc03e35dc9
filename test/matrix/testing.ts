/** The rows of a protocol as tests, a file for each protocol: they share nothing but what is brought once. */
import { beforeEach, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { findApps } from './manifest.ts';
import { isGood } from './row.ts';
import { runRow } from './run-row.ts';

/** With its driver to be downloaded and compiled first, on a machine that does other things too. */
const ROW_MS = 600_000;

/** Every driver that speaks it is recorded and replayed. */
export function testRows(protocol: string): void {
  beforeEach(skipWithoutNamespaces);

  it.for(findApps([protocol]).map((app) => [app.name, app] as const))(
    '%s: recorded from its server, replayed without it, statement by statement',
    // go-redis at times does not hear a message that was written to it (one replay in ten): asked once more before it counts.
    { timeout: ROW_MS, retry: 1 },
    async ([, app], context) => {
      const line = await runRow(app);
      if ('unavailable' in line) return lacks(context, line.unavailable);
      const { statements, identical, missed, outcome, remarks } = line;
      const wrong = isGood(line) ? [] : remarks;
      expect({ identical, missed, outcome, wrong }).toEqual({
        identical: statements,
        missed: 0,
        outcome: 'reproduced',
        wrong: [],
      });
      expect(statements).toBeGreaterThan(0);
    },
  );
}

/** A machine without Java has no JDBC, and says so; where everything can be brought it is a failure. */
function lacks(context: TestContext, what: string): void {
  if (process.env['CI'] !== undefined) throw new Error(`unavailable: ${what}`);
  context.skip(`unavailable: ${what}`);
}
