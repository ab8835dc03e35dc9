import { describe, expect, it } from 'vitest';
import { bodiesHold } from '../../../../src/verdict/content/conditions.ts';
import { rulesOf } from '../../../support/rules.ts';

function holds(condition: string, body: unknown): boolean {
  const [rule] = rulesOf(`- { name: a, match: { body: ${condition} }, then: failure }`).rules;
  if (rule === undefined) throw new Error('there is no rule');
  return bodiesHold(rule.rule, (side) => (side === 'server' && body !== undefined ? { value: body } : undefined));
}

describe('a condition on a JSON body', () => {
  it.each([
    ['{ path: $.errors, exists: true }', { errors: null }, true],
    ['{ path: $.errors, exists: true }', { data: 1 }, false],
    ['{ path: $.errors, exists: true, minLength: 1 }', { errors: [] }, false],
    ['{ path: $.errors, exists: true, minLength: 1 }', { errors: null }, false],
    ['{ path: $.errors, minLength: 1 }', { errors: [{}] }, true],
    ['{ path: $.id, exists: false }', {}, true],
    ['{ path: $.id, exists: false }', { id: 1 }, false],
    ['{ path: $.ok, is: false }', { ok: false }, true],
    ['{ path: $.ok, is: false }', { ok: 'false' }, false],
    ['{ path: $.code, is: null }', { code: null }, true],
    ['{ path: $.status, not: ok }', { status: 'broken' }, true],
    ['{ path: $.status, not: ok }', { status: 'ok' }, false],
    ['{ path: $.status, not: ok }', {}, false],
    ['{ path: "$.items[*].status", not: ok }', { items: [{ status: 'ok' }, { status: 'no' }] }, true],
    ['{ path: $.code, in: [4, "5"] }', { code: '5' }, true],
    ['{ path: $.code, in: [4, "5"] }', { code: 5 }, false],
    ['{ path: $.message, matches: "time.?out" }', { message: 'a timeout of 3 s' }, true],
    ['{ path: $.message, matches: "^out" }', { message: 'a timeout' }, false],
    ['{ path: $.code, matches: "^5" }', { code: 503 }, true],
    ['{ path: $.name, minLength: 3 }', { name: 'ab' }, false],
    ['[{ path: $.a, is: 1 }, { path: $.b, is: 2 }]', { a: 1, b: 2 }, true],
    ['[{ path: $.a, is: 1 }, { path: $.b, is: 2 }]', { a: 1, b: 3 }, false],
    ['{ path: $.id, exists: false }', undefined, false],
  ])('%s and %j', (condition, body, expected) => {
    expect(holds(condition, body)).toBe(expected);
  });

  it('a pattern that would take a backtracking engine for ever', () => {
    const started = performance.now();
    expect(holds('{ path: $.a, matches: "^(a+)+$" }', { a: `${'a'.repeat(5_000)}b` })).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
