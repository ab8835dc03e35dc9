import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/seal/redact.ts';
import { renamesSecrets, secretOfRows } from '../../../src/seal/sql-outputs.ts';
import { hiding } from '../../../src/captures/hide.ts';

const redact = createRedactor({ kind: 'redaction-key', bytes: new Uint8Array(32).fill(7) });
const isSecret = (text: string): boolean => /password|token/i.test(text);

describe('something secret comes out under another name', () => {
  it.each([
    'SELECT password AS p FROM t',
    'SELECT password p FROM t',
    'SELECT lower(password) AS c FROM t',
    'SELECT lower(password) FROM t',
    "SELECT concat(token, '') FROM t",
    'SELECT id, t.password AS "p" FROM t',
    'SELECT "password" AS p FROM t',
    'SELECT coalesce(password, token) AS c, id FROM t',
    'SELECT p FROM (SELECT password AS p FROM t) s',
    'WITH s AS (SELECT upper(token) AS u FROM t) SELECT u FROM s',
    'SELECT (SELECT password FROM t) AS c',
    'SELECT id FROM t UNION SELECT lower(password) FROM t',
    'SELECT 1; SELECT lower(password)',
    'INSERT INTO t (id) VALUES (1) RETURNING lower(password)',
    'UPDATE t SET password = $1 WHERE id = 1 RETURNING md5(password) AS m',
    'select\n  lower ( password )\n  as c -- the word\nfrom t',
  ])('%s', (statement) => {
    expect(renamesSecrets(statement, isSecret)).toBe(true);
  });

  it('where nobody can tell: literals that may not end, lists in lists in lists', () => {
    expect(renamesSecrets("SELECT '\\' FROM t', password FROM t", isSecret)).toBe(true);
    expect(renamesSecrets(`${'SELECT ('.repeat(40)}password`, isSecret)).toBe(true);
  });
});

describe('the names of columns tell', () => {
  it.each([
    'SELECT id, password FROM t',
    'SELECT t.password FROM t',
    'SELECT t.password AS user_password FROM t',
    'SELECT lower(password) AS password FROM t',
    'SELECT * FROM t',
    'SELECT id FROM t WHERE password = $1',
    'SELECT id FROM t ORDER BY lower(token)',
    "SELECT 'password' AS label FROM t",
    'SELECT id /* password */ AS i FROM t',
    'UPDATE t SET password = lower($1) RETURNING id',
    'SELECT lower(name) AS n FROM t',
    '',
  ])('%s', (statement) => {
    expect(renamesSecrets(statement, isSecret)).toBe(false);
  });
});

describe('the cells of a statement’s rows are hidden', () => {
  it('by the name of what comes out under another one', () => {
    expect(secretOfRows('SELECT id, lower(password) AS c FROM t', true, redact)).toBe('password');
    expect(secretOfRows('SELECT id, password FROM t', true, redact)).toBeUndefined();
    expect(secretOfRows('SELECT lower(name) AS n FROM t', true, redact)).toBeUndefined();
  });

  it('by any secret name where nobody described the columns', () => {
    expect(secretOfRows('SELECT id, password FROM t', false, redact)).toBe('password');
    expect(secretOfRows('SELECT id FROM t', false, redact)).toBeUndefined();
  });

  it('by any secret name of a statement that is too long to be taken apart', () => {
    const long = `SELECT ${'a_column, '.repeat(10_000)}`;
    expect(secretOfRows(`${long} password FROM t`, true, redact)).toBe('password');
    expect(secretOfRows(`${long} name FROM t`, true, redact)).toBeUndefined();
  });

  it('by no other name, whatever else is hidden', () => {
    const all = hiding(redact, ['a']);
    expect(secretOfRows('SELECT lower(password) AS c FROM t', true, all)).toBe('password');
    expect(secretOfRows('SELECT lower(name) AS n FROM t', true, all)).toBeUndefined();
  });
});
