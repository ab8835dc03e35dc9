import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { choice, count, momentBefore, seconds } from '../../cli/options.ts';

describe('values of options', () => {
  it.each([
    ['a choice', choice(['text', 'json']), 'json', 'json'],
    ['a number', count(1, 500), '500', 500],
    ['seconds', seconds, '0.5', 0.5],
    ['minutes ago', momentBefore(() => 10_000_000), '30m', 8_200_000],
    ['days ago', momentBefore(() => 90_000_000), '1d', 3_600_000],
    ['a date', momentBefore(() => 0), '1970-01-01T00:00:01Z', 1000],
  ])('%s', (_what, parse: (text: string) => unknown, text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each<[(text: string) => unknown, string, string]>([
    [choice(['text', 'json', 'yaml']), 'xml', 'text, json or yaml'],
    [count(1, 500), '0', 'a number from 1 to 500'],
    [count(1, 500), '501', 'a number from 1 to 500'],
    [count(0, 9), '', 'a number from 0 to 9'],
    [count(0, 9), '1e0', 'a number from 0 to 9'],
    [count(0, 9), '-1', 'a number from 0 to 9'],
    [seconds, '0', 'seconds, more than 0'],
    [seconds, 'soon', 'seconds, more than 0'],
    [seconds, 'Infinity', 'seconds, more than 0'],
    [momentBefore(() => 0), 'yesterday', '30m, 2h, 3d, or a date like 2026-01-31T12:00'],
    [momentBefore(() => 0), '-5m', '30m, 2h, 3d, or a date like 2026-01-31T12:00'],
  ])('refused: %s %s', (parse, text, message) => {
    expect(() => parse(text)).toThrow(new InvalidArgumentError(message));
  });
});
