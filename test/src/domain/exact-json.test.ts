import { describe, expect, it } from 'vitest';
import { isLongInteger, parseJson } from '../../../src/domain/exact-json.ts';

describe('JSON of unknown origin', () => {
  it('is a value', () => {
    expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
    expect(parseJson('{"__proto__":{"a":1}}')).not.toHaveProperty('a');
  });

  it('and keeps integers that no double holds, digit by digit', () => {
    const text = '{"id":1850000000000000001,"more":[-12345678901234567890],"n":12,"x":0.12345678901234567}';
    const value = parseJson(text);
    expect(JSON.stringify(value)).toBe(text.replace('67}', '66}'));
    expect(value).toMatchObject({ n: 12 });
    expect(isLongInteger((value as { readonly id: unknown }).id)).toBe(true);
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
