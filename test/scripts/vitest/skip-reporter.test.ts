import { describe, expect, it } from 'vitest';
import { formatSkips, isCi } from '../../../scripts/vitest/skip-reporter.ts';

describe('the skip reporter', () => {
  const skips = [{ name: 'a.test.ts > replays', reason: 'no Envoy on this machine' }];

  it('names each skipped test with its reason', () => {
    expect(formatSkips(skips, false)).toBe('\n1 test skipped:\n  a.test.ts > replays\n    no Envoy on this machine\n');
  });

  it('calls a skip an error in CI', () => {
    expect(formatSkips([...skips, ...skips], true)).toContain('Error: 2 tests skipped, and CI must skip nothing:');
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
    ['', false],
    [undefined, false],
  ])('reads CI=%s as %s', (value, expected) => {
    expect(isCi(value)).toBe(expected);
  });
});
