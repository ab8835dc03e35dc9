import { describe, expect, it } from 'vitest';
import { serviceOutput } from '../../../cli/output/service-output.ts';

type Piece = readonly ['stdout' | 'stderr', string, string?];

const printed = (...pieces: readonly Piece[]): string => {
  let all = '';
  const output = serviceOutput((text) => (all += text));
  for (const piece of pieces) output(...piece);
  return all;
};

describe('what services print', () => {
  it('is marked line by line', () => {
    expect(printed(['stdout', 'one\n\ntwo\n'], ['stderr', 'three\n'])).toBe('  | one\n  | \n  | two\n  ! three\n');
  });

  it('a line in pieces is marked once', () => {
    expect(printed(['stdout', 'on'], ['stdout', 'e\ntw'], ['stdout', 'o\n'])).toBe('  | one\n  | two\n');
  });

  it('of several services, each by its name, and no two in one line', () => {
    expect(printed(['stdout', 'on', 'orders'], ['stderr', 'two\n', 'pricing'], ['stdout', 'e\n', 'orders'])).toBe(
      '  orders | on\n  pricing ! two\n  orders | e\n',
    );
  });
});
