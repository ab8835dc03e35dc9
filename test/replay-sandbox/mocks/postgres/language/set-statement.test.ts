import { describe, expect, it } from 'vitest';
import { changeOf } from '../../../../../replay-sandbox/mocks/postgres/language/set-statement.ts';

function value(sql: string, before = 'ISO, MDY'): string | undefined {
  const change = changeOf(sql, () => before);
  return change?.kind === 'set' ? `${change.name}: ${change.value ?? '(initial)'}` : change?.kind;
}

describe('a statement that changes a parameter', () => {
  it.each([
    ["SET client_encoding TO 'utf-8'", 'client_encoding: UTF8'],
    ["SET NAMES 'iso-8859-1'", 'client_encoding: LATIN1'],
    ['SET DateStyle = German', 'datestyle: German, DMY'],
    ['SET DateStyle TO ymd', 'datestyle: ISO, YMD'],
    ["SET SESSION TimeZone TO 'europe/berlin'", 'timezone: Europe/Berlin'],
    ['SET TIME ZONE LOCAL', 'timezone: (initial)'],
    ['SET TIME ZONE 2', 'timezone: <+02>-02'],
    ["SET TIME ZONE '-07'", 'timezone: <-07>+07'],
    ['SET standard_conforming_strings TO FALSE', 'standard_conforming_strings: off'],
    ['SET search_path TO Foo, "Bar", \'x y\'', 'search_path: foo, "Bar", "x y"'],
    ["SET application_name='it''s'", "application_name: it's"],
    ['SET a TO DEFAULT', 'a: (initial)'],
    ['RESET "DateStyle"', 'datestyle: (initial)'],
    ['RESET TIME ZONE', 'timezone: (initial)'],
    ['RESET ALL', 'reset-all'],
  ])('%s', (sql, worded) => {
    expect(value(sql)).toBe(worded);
  });

  it('is none of these', () => {
    const statements = [
      'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
      'SET ROLE kim',
      'SET CONSTRAINTS ALL DEFERRED',
      "SET TIME ZONE INTERVAL '2' HOUR",
      'SET standard_conforming_strings = perhaps',
      'SELECT 1',
    ];
    expect(statements.map((sql) => value(sql))).toEqual(statements.map(() => undefined));
  });

  it('says whether it is of the transaction alone', () => {
    expect(changeOf('SET LOCAL a = b', () => undefined)).toMatchObject({ local: true });
  });
});
