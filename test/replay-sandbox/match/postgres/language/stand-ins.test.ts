import { expect, it } from 'vitest';
import type { CommandAnswer } from '../../../../../replay-sandbox/match/command.ts';
import { StatementMatcher } from '../../../../../replay-sandbox/match/postgres/matcher.ts';
import { questionOf } from '../../../../../replay-sandbox/match/postgres/recorded.ts';
import { column, columns, complete, error, row } from '../../../../support/postgres-wire.ts';
import { queried, recorded } from '../../../../support/postgres-commands.ts';

const insert = (total: string): string => `INSERT INTO quotes (total) VALUES ('${total}') RETURNING id`;
const made = (total: string, id: string, tag = 'INSERT 0 1') =>
  queried(insert(total), columns(column('id')), row(id), complete(tag));
const failed = recorded(queried(insert('NaN'), error('22P02', 'no number'))).map((one) => ({
  ...one,
  onlySame: true as const,
}));

/** Answers of good transactions. */
function good(...sent: readonly ReturnType<typeof made>[]): readonly CommandAnswer[] {
  return recorded(sent.flat(), 2, 'exemplar').map((one) => ({ ...one, standsIn: true as const }));
}

function ask(sql: string, answers: readonly CommandAnswer[]): string {
  const match = new StatementMatcher(answers, 'db', () => 0).match(questionOf(sql), {});
  return match.kind === 'answer' ? `${match.grade} ${match.statement.source}` : match.kind;
}

const select = (id: string): string => `SELECT total FROM quotes WHERE id = '${id}'`;
const read = (id: string, total: string) =>
  queried(select(id), columns(column('total')), row(total), complete('SELECT 1'));

it.each([
  [
    'one that failed and has other values now',
    insert('12'),
    [...failed, ...good(made('7', '1'), made('8', '2'))],
    'drifted exemplar',
  ],
  ['one that was never got to', insert('12'), good(made('7', '1')), 'drifted exemplar'],
  ['the failing one itself', insert('NaN'), [...failed, ...good(made('7', '1'))], 'exact loop'],
  ['one that some were refused', insert('12'), good(made('7', '1'), made('8', '2', 'INSERT 0 0')), 'miss'],
  ['without a good transaction', insert('12'), failed, 'miss'],
  [
    'when the loop has a good one',
    insert('12'),
    [...recorded(made('7', '1')), ...good(made('8', '2'))],
    'drifted loop',
  ],
  ['a read of another thing', select('9'), good(read('1', '12')), 'miss'],
  ['outside of verify', insert('12'), recorded(made('7', '1'), 2, 'exemplar'), 'miss'],
])('an insert, %s', (_name, sql, answers, expected) => {
  expect(ask(sql, answers)).toBe(expected);
});
