import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { cacheRoot } from './scripts/bootstrap/cache.mjs';

// CI asks for a machine-readable copy of the results to count them; a person reads the default reporter alone.
const jsonFile = process.env['LOOP_TEST_RESULTS'];

/**
 * What measures, loads or counts what is on the machine, or tells milliseconds that a debugger held: one file at a time, with nothing beside
 * it. All others have ports, directories and servers of their own and mostly wait for them: three at a time, on two cores, too.
 */
const ALONE = [
  'captures',
  'cascade',
  'clock-pauses',
  'history',
  'ingest-envoy',
  'outage',
  'outage-envoy',
  'pool',
  'pool-big',
  'pool-session',
  'replay-leaks',
  'sink-faults',
].map((name) => `test/e2e/${name}.test.ts`);

/** What is polled for may take as long as until() waits: the second that is usual is no measure on a machine that does something else, too. */
const BUSY = { poll: { timeout: 60_000 } };

/** Most of a daemon's start is to compile it: a third of what the files that start some cost. Where loopctl has its own. */
const COMPILED_ONCE = { NODE_COMPILE_CACHE: join(cacheRoot(process.env), 'node') };

export default defineConfig({
  test: {
    environment: 'node',
    reporters: ['default', './scripts/vitest/skip-reporter.ts', ...(jsonFile === undefined ? [] : ['json'])],
    ...(jsonFile === undefined ? {} : { outputFile: { json: jsonFile } }),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          // Files share a process and its modules, which takes half the time away: none may leave anything behind that another one would see.
          isolate: false,
          testTimeout: 15_000,
          expect: { poll: { timeout: 10_000 } },
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 3,
          env: COMPILED_ONCE,
          testTimeout: 120_000,
          expect: BUSY,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          env: COMPILED_ONCE,
          testTimeout: 120_000,
          expect: BUSY,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
