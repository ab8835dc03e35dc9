import { describe, expect, it } from 'vitest';
import { judgeBy } from '../../../../src/keeping/judge.ts';
import { judgeTransaction } from '../../../../src/verdict/origin.ts';
import type { Attribution, Command } from '../../../../src/domain/conversation.ts';
import { rulesOf } from '../../../support/rules.ts';
import { attributed, command, exchange, stream, transaction } from '../../../support/transaction.ts';

const DUPLICATE: Partial<Command> = {
  summary: "INSERT INTO orders(id, who) VALUES (7, 'kim')",
  error: { code: '23505', message: 'duplicate key' },
};

/** The verdict over one good exchange with this command. */
function verdictOf(
  asked: string,
  more: Partial<Command> = DUPLICATE,
  how: Attribution = 'exclusive',
  then = 'failure',
) {
  const rules = rulesOf(`- { name: lost, match: { command: ${asked} }, then: ${then} }`);
  const tree = transaction({
    exchanges: [exchange(1)],
    commands: [attributed(command(1), stream(1)), attributed(command(2, more), stream(1), how)],
  });
  return judgeTransaction(tree, judgeBy(rules, tree.commands));
}

describe('a condition on commands', () => {
  it('makes a failure of the exchange that made the command, and says by which', () => {
    expect(verdictOf('{ protocol: postgres, error: "23*", summary: "insert into orders*" }')).toMatchObject({
      decision: 'keep',
      outcome: 'failed',
      origin: {
        exchange: stream(1),
        kind: 'command',
        rule: 'lost',
        summary: '200, postgres 23505, by rule lost',
        command: { id: command(2).id, protocol: 'postgres', code: '23505' },
      },
    });
  });

  it.each([
    ['another code', '{ error: "42*" }'],
    ['another statement', '{ error: "*", summary: "update *" }'],
    ['another protocol', '{ error: "*", protocol: redis }'],
  ])('does not hold of %s', (_what, asked) => {
    expect(verdictOf(asked)).toMatchObject({ decision: 'toss', failures: [] });
  });

  it('does not hold of what went well, and of what may be another request’s', () => {
    expect(verdictOf('{ error: "*" }', { summary: 'INSERT INTO orders' }).decision).toBe('toss');
    expect(verdictOf('{ error: "*" }', DUPLICATE, 'candidate').decision).toBe('toss');
    expect(verdictOf('{ error: "*" }', DUPLICATE, 'propagated').decision).toBe('keep');
  });

  it('is one of all that must hold, and one of a list is enough', () => {
    expect(verdictOf('{ error: ["42*", 23505] }, status: 200').decision).toBe('keep');
    expect(verdictOf('{ error: ["42*", 23505] }, status: 500').decision).toBe('toss');
  });

  it('may say that a failure is none', () => {
    const rules = rulesOf('- { name: a, match: { command: { error: "23*" } }, then: fine }');
    const failed = exchange(1, {
      response: { ...exchange(1).response, headers: [{ name: ':status', value: '500' }] } as never,
    });
    const judge = (error: Command['error']) =>
      judgeBy(rules, [attributed(command(1, error && { error }), stream(1))])(failed)?.kind;
    expect(judge({ code: '23505', message: '' })).toBeUndefined();
    expect(judge({ code: '40001', message: '' })).toBe('status');
  });

  it('has one fingerprint per code and statement, whatever its values', () => {
    const fingerprint = (more: Partial<Command>) => verdictOf('{ error: "*" }', { ...DUPLICATE, ...more }).fingerprint;
    const one = fingerprint({});
    expect(one).toBeDefined();
    expect(fingerprint({ summary: "INSERT INTO orders(id, who) VALUES (8, 'O''Brien')" })).toBe(one);
    expect(fingerprint({ summary: 'INSERT INTO carts(id) VALUES (7)' })).not.toBe(one);
    expect(fingerprint({ error: { code: '23503', message: '' } })).not.toBe(one);
    const wrongType = { protocol: 'redis', error: { code: 'WRONGTYPE', message: '' } };
    expect(fingerprint({ ...wrongType, summary: 'LPUSH cart:kim x' })).toBe(
      fingerprint({ ...wrongType, summary: 'LPUSH cart:lee y' }),
    );
  });
});
