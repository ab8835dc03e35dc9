import { defineConfig } from 'vitest/config';

// CI asks for a machine-readable copy of the results to count them; a person reads the default reporter alone.
const jsonFile = process.env['LOOP_TEST_RESULTS'];

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
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // Real Envoys and databases share the machine's cores: one file at a time, after the unit tests.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
