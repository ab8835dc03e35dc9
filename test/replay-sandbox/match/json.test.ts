import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../replay-sandbox/match/json.ts';

describe('JSON of unknown origin', () => {
  it('is a value', () => {
    expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
    expect(parseJson('{"__proto__":{"a":1}}')).not.toHaveProperty('a');
  });

  it('or none', () => {
    expect(parseJson('{"a":')).toBeUndefined();
    expect(parseJson('')).toBeUndefined();
  });

  it('and never deeper than it can be walked', () => {
    expect(parseJson('['.repeat(150) + ']'.repeat(150))).toBeDefined();
    expect(parseJson('['.repeat(1_000_000))).toBeUndefined();
    expect(parseJson('['.repeat(100_000) + ']'.repeat(100_000))).toBeUndefined();
  });
});
