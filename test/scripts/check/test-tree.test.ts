import { describe, expect, it } from 'vitest';
import { strayTests } from '../../../scripts/check/test-tree.ts';

const SOURCES = new Set([
  'src/wire/http2/frame.ts',
  'src/wire/postgres',
  'cli/main.ts',
  'scripts/bootstrap/node.mjs',
  'protos',
]);

const strays = (...tests: string[]): readonly string[] => strayTests(tests, (path) => SOURCES.has(path));

describe('the mirror of the source tree', () => {
  it.each([
    ['a file', 'test/src/wire/http2/frame.test.ts'],
    ['one side of a file', 'test/src/wire/http2/frame.roundtrip.test.ts'],
    ['a folder, beside it', 'test/src/wire/postgres.test.ts'],
    ['a folder, inside it', 'test/src/wire/postgres/postgres.test.ts'],
    ['a folder at the top', 'test/protos/protos.test.ts'],
    ['a script', 'test/scripts/bootstrap/node.test.ts'],
    ['nothing, in a free folder', 'test/e2e/envoy/capture.test.ts'],
  ])('accepts a test of %s', (_what, test) => {
    expect(strays(test)).toEqual([]);
  });

  it('names a test whose subject moved', () => {
    expect(strays('test/src/wire/http2/header.test.ts', 'test/wire/http2/frame.test.ts')).toEqual([
      'test/src/wire/http2/header.test.ts: there is no src/wire/http2/header.ts, nor a folder of that name',
      'test/wire/http2/frame.test.ts: there is no wire/http2/frame.ts, nor a folder of that name',
    ]);
  });

  it('names a test that lies beside the folders', () => {
    expect(strays('test/misc.test.ts')).toEqual(['test/misc.test.ts: there is no misc.ts, nor a folder of that name']);
  });
});
