import { defineConfig } from 'vitest/config';

// CI asks for a machine-readable copy of the results to count them; a person reads the default reporter alone.
const jsonFile = process.env['LOOP_TEST_RESULTS'];

/** Replays of recordings made by hand, which share nothing but the machine: several at a time. */
const REPLAYS = [
  'cast',
  'cast-wire',
  'clock',
  'divergence',
  'regression',
  'regression-add',
  'replay',
  'replay-dials',
  'replay-environment',
  'replay-interrupt',
  'replay-preload',
  'trust',
  'verify-faces',
  'verify-unmended',
  'watch',
].map((name) => `test/e2e/${name}.test.ts`);

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
          testTimeout: 15_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'replays',
          include: REPLAYS,
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: REPLAYS,
          // Real Envoys and databases share the machine's cores: one file at a time, after the others.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
