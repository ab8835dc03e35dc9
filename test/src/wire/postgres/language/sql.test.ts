import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstWords,
  handleIn,
  identifier,
  maskConstants,
  normaliseSql,
  splitStatements,
  summariseSql,
} from '../../../../../src/wire/postgres/language/sql.ts';

describe('normalised', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['whitespace is folded', '  select\n\t1 ', 'select 1'],
    ['a line comment goes', 'select 1 -- why\n, 2', 'select 1 , 2'],
    ['a tracer comment goes', "select 1 /*traceparent='00-ab-cd-01'*/", 'select 1'],
    ['block comments nest', 'select /* a /* b */ c */ 1', 'select 1'],
    ['an open comment reaches to the end', 'select 1 /* rest', 'select 1'],
    ['trailing semicolons go', 'select 1 ; ;', 'select 1'],
    ['a literal stays', "select '  -- no /* comment */ ; '", "select '  -- no /* comment */ ; '"],
    ['a doubled quote does not end a literal', "select 'it''s  ok' ;", "select 'it''s  ok'"],
    ['a backslash escapes only after E', "select '\\' -- x\n, E'\\'  --' ", "select '\\' , E'\\'  --'"],
    ['an e that ends a word is no E', "select name'\\' -- gone", "select name'\\'"],
    ['a quoted identifier stays', 'select "a  -- b""" -- c', 'select "a  -- b"""'],
    ['a dollar quote stays', 'do $body$ begin  -- in\n end $body$;', 'do $body$ begin  -- in\n end $body$'],
    ['a dollar quote without tag stays', 'select $$ a  b $$', 'select $$ a  b $$'],
    ['a parameter is no dollar quote', 'select $1  , $2', 'select $1 , $2'],
    ['a dollar inside a name is no quote', 'select a$b$  , 1', 'select a$b$ , 1'],
    ['operators of slashes and dashes stay', 'select 4 / 2 - 1 -> 3', 'select 4 / 2 - 1 -> 3'],
    ['an open literal reaches to the end', "select 'open  ", "select 'open  ".trimEnd()],
  ];
  for (const [name, sql, expected] of cases) {
    it(name, () => {
      expect(normaliseSql(sql)).toBe(expected);
    });
  }

  it('once is enough', () => {
    const characters = fc.constantFrom('a', 'E', "'", '"', '$', '-', '/', '*', ';', ' ', '\n', '1');
    fc.assert(
      fc.property(fc.array(characters), (parts) => {
        const once = normaliseSql(parts.join(''));
        expect(normaliseSql(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not mind literals of megabytes', () => {
    const literal = `'${'x'.repeat(4_000_000)}'`;
    expect(normaliseSql(`select ${literal}`).length).toBe(literal.length + 7);
  });
});

describe('statements of a simple query', () => {
  it('end at semicolons outside literals', () => {
    expect(splitStatements("begin; insert into a values (';'); ; commit")).toEqual([
      'begin',
      "insert into a values (';')",
      'commit',
    ]);
    expect(splitStatements(' -- nothing\n')).toEqual([]);
  });
});

describe('constants', () => {
  it('are what a driver fills in', () => {
    expect(maskConstants(`select "1" from t1 where id = 7 and x = -1.5e3 and n = 'it''s' and $1 = a2`)).toEqual({
      shape: 'select "1" from t1 where id = ? and x = -? and n = ? and $1 = a2',
      constants: ['7', '1.5e3', "'it''s'"],
    });
  });
});

describe('for people', () => {
  it('is one line, cut', () => {
    expect(summariseSql("insert into a\nvalues ('x\ny')")).toBe("insert into a values ('x y')");
    expect(summariseSql('select 123456', 10)).toBe('select 12…');
  });

  it('the first words', () => {
    expect(firstWords('/* x */ rollback  to a', 2)).toBe('ROLLBACK TO');
    expect(firstWords('values(1)', 1)).toBe('VALUES');
  });
});

describe('names that drivers make up', () => {
  it.each([
    ['declare "c_7f" cursor for select 1', '"c_7f"', 'declare ?name cursor for select 1'],
    ['FETCH FORWARD 3 FROM c1', 'c1', 'FETCH FORWARD 3 FROM ?name'],
    ['fetch c1', 'c1', 'fetch ?name'],
    ['MOVE BACKWARD ALL IN "c 1"', '"c 1"', 'MOVE BACKWARD ALL IN ?name'],
    ['close c1', 'c1', 'close ?name'],
    ['SAVEPOINT __asyncpg_savepoint_1__', '__asyncpg_savepoint_1__', 'SAVEPOINT ?name'],
    ['rollback to savepoint s', 's', 'rollback to savepoint ?name'],
    ['release s', 's', 'release ?name'],
    ['execute p(1, 2)', 'p', 'execute ?name(1, 2)'],
    ['deallocate prepare p', 'p', 'deallocate prepare ?name'],
  ])('%s', (sql, name, masked) => {
    expect(handleIn(sql)).toEqual({ name, masked });
  });

  it.each(['close all', 'deallocate all', 'rollback', 'select 1', "prepare transaction 'x'", 'fetch', ''])(
    'none in: %s',
    (sql) => {
      expect(handleIn(sql)).toBeUndefined();
    },
  );

  it('are lower case unless quoted', () => {
    expect(['News', '"News"', '"a""b"'].map(identifier)).toEqual(['news', 'News', 'a"b']);
  });
});
