import { describe, expect, it } from 'vitest';
import type { Language } from '../../../cli/regression/literal.ts';
import { literal } from '../../../cli/regression/literal.ts';
import type { Regression, RunnerName } from '../../../cli/regression/runners.ts';
import { RUNNER } from '../../../cli/regression/runners.ts';

const LANGUAGE: Readonly<Record<RunnerName, Language>> = {
  vitest: 'javascript',
  pytest: 'python',
  go: 'go',
  junit: 'java',
};
const RUNNERS = ['vitest', 'pytest', 'go', 'junit'] as const;
const HOSTILE = [
  '/a"); boom(); ("',
  '/a\\',
  '/a\nboom()',
  '/a\rboom()',
  '/a*/ boom(); /*',
  String.raw`/\u002a\u002f boom(); \u002f\u002a`,
  '/"""\nboom()\n"""',
  '/${boom()}`',
  '/\u2028boom()',
];

function testOf(name: RunnerName, changes: Partial<Regression>): string {
  const one = { id: 'abc123', title: 'TITLE', folder: 'tests/loops/abc123', up: '../../..', flags: [], command: [] };
  return RUNNER[name].text({ ...one, ...changes });
}

describe.each(RUNNERS)('a test for %s', (name) => {
  const language = LANGUAGE[name];
  const plain = testOf(name, { title: 'TITLE', flags: ['--service', 'FLAG'], command: ['COMMAND'] });

  it.each(HOSTILE)('holds %j in string literals only', (hostile) => {
    const text = testOf(name, { title: hostile, flags: ['--service', hostile], command: [hostile] });
    const quoted = literal(hostile, language);
    expect(text).toBe(plain.replaceAll(/"(?:TITLE|FLAG|COMMAND)"/g, () => quoted));
  });

  it('runs loopctl with the words of that test', () => {
    expect(plain).toContain('"--quiet", "--service", "FLAG", "--", "COMMAND"');
  });
});

it('junit: the folder is where the test was written to', () => {
  expect(testOf('junit', { folder: 'src/test/loops/abc123' })).toContain(
    'getOrDefault("LOOP_TESTS", "src/test/loops/abc123")',
  );
});
