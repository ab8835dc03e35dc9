import { expect, it } from 'vitest';
import { blockChange } from '../../../../../src/wire/postgres/language/blocks.ts';
import { command } from '../../../../support/transaction.ts';

const change = (summary: string, error?: { code: string; message: string }) =>
  blockChange(command(1, { summary, ...(error && { error }) }));
const FAILED = { code: '23505', message: 'duplicate key' };

it.each([
  ['BEGIN', 'opens'],
  ['begin isolation level serializable', 'opens'],
  ['start transaction read only', 'opens'],
  ['COMMIT', 'closes'],
  ['end', 'closes'],
  ['ROLLBACK', 'closes'],
  ['abort work', 'closes'],
  ['rollback to savepoint here', undefined],
  ['ROLLBACK TRANSACTION TO here', undefined],
  ['commit and chain', undefined],
  ['savepoint here', undefined],
  ['select 1', undefined],
  ['begin; insert into t values (1); commit', 'closes'],
  ['commit; begin', 'opens'],
  ['beginning', undefined],
])('%s: %s', (summary, expected) => {
  expect(change(summary)).toBe(expected);
});

it('a COMMIT that fails ends its block, a BEGIN that fails begins none', () => {
  expect(change('commit', FAILED)).toBe('closes');
  expect(change('begin', FAILED)).toBeUndefined();
});
