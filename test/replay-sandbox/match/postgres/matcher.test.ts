import { describe, expect, it } from 'vitest';
import { StatementMatcher, type Follower, type Match } from '../../../../replay-sandbox/match/postgres/matcher.ts';
import type { CommandAnswer } from '../../../../replay-sandbox/match/command.ts';
import { questionOf } from '../../../../replay-sandbox/match/postgres/recorded.ts';
import type { Bind } from '../../../../src/wire/postgres/frontend.ts';
import {
  column,
  columns,
  complete,
  error,
  parameterTypes,
  parse,
  parseComplete,
  client,
  ready,
  row,
  server,
  sync,
  describe as describeMessage,
  bind,
  bindComplete,
  execute,
} from '../../../support/postgres-wire.ts';
import { queried, ran, recorded } from '../../../support/postgres-commands.ts';

const NOW = Date.parse('2026-11-02T12:00:00Z');

function matcherOf(...answers: readonly (readonly CommandAnswer[])[]): StatementMatcher {
  return new StatementMatcher(answers.flat(), 'db', () => NOW);
}

function ask(
  matcher: StatementMatcher,
  sql: string,
  values: readonly string[] = [],
  follower: Follower = {},
  formats: readonly number[] = [],
): Match {
  const asked: Bind = {
    kind: 'bind',
    portal: '',
    statement: '',
    formats,
    values: values.map((value) => Buffer.from(value, formats[0] === 1 ? 'hex' : 'utf8')),
    resultFormats: [],
  };
  return matcher.match(questionOf(sql, asked), follower);
}

/** `exact 1/2: explanation`, by command. */
function line(match: Match): string {
  switch (match.kind) {
    case 'answer':
      return [`${match.grade} ${match.statement.command.id.slice(-3)}`, ...match.explanation].join(': ');
    case 'synthesised':
      return `synthesised ${match.tag}`;
    case 'miss':
      return 'miss';
  }
}

const sql = 'select name from item where id = $1';

describe('the same statement with the same values', () => {
  it('gets the recorded answers in their order, reads the last one again', () => {
    const matcher = matcherOf(
      recorded([...ran(sql, ['7'], ['a']), ...ran(sql, ['8'], ['x']), ...ran(sql, ['7'], ['b'])]),
    );
    const asked = ['7', '7', '7', '8'].map((id) => line(ask(matcher, sql, [id])));
    expect(asked).toEqual(['exact 1/1', 'exact 1/3', 'normalised 1/3: served twice; recorded once', 'exact 1/2']);
  });

  it('comments, whitespace and a semicolon make no difference', () => {
    const matcher = matcherOf(recorded(ran(sql, ['7'], ['a'])));
    expect(line(ask(matcher, ' select name\n from item where id = $1; /*trace=1*/', ['7']))).toBe('exact 1/1');
  });

  it('stays with the recorded connection it has followed, else takes the earliest', () => {
    const matcher = matcherOf(
      recorded([...ran('select 1', [], ['1']), ...ran('select now()', [], ['first'])], 1),
      recorded([...ran('select 2', [], ['2']), ...ran('select now()', [], ['second'])], 2),
    );
    const [one, two]: [Follower, Follower] = [{}, {}];
    expect(
      [
        ask(matcher, 'select 2', [], two),
        ask(matcher, 'select now()', [], two),
        ask(matcher, 'select now()', [], one),
      ].map(line),
    ).toEqual(['exact 2/1', 'exact 2/2', 'exact 1/2']);
  });

  it('a write is not answered twice', () => {
    const insert = 'insert into item(id) values ($1)';
    const matcher = matcherOf(recorded(ran(insert, ['7'], [])));
    expect([line(ask(matcher, insert, ['7'])), line(ask(matcher, insert, ['7']))]).toEqual(['exact 1/1', 'miss']);
  });

  it('text and binary of one value are the same', () => {
    const described = [
      client(parse(sql), describeMessage('statement'), bind(['7']), execute(), sync),
      server(
        parseComplete,
        parameterTypes(23),
        columns(column('name')),
        bindComplete,
        row('a'),
        complete('SELECT 1'),
        ready(),
      ),
    ];
    expect(line(ask(matcherOf(recorded(described)), sql, ['00000007'], {}, [1]))).toBe('exact 1/1');
  });

  it('a moment in another time zone is the same', () => {
    const at = 'select $1';
    const matcher = matcherOf(recorded(ran(at, ['2020-01-01T00:00:00.000+00:00'], ['a'])));
    expect(line(ask(matcher, at, ['2020-01-01T02:00:00.000+02:00']))).toBe('exact 1/1');
  });
});

describe('the same statement with other values', () => {
  it('that are noise: normalised', () => {
    const matcher = matcherOf(recorded(ran(sql, ['0190b5a0-0000-7000-8000-000000000001'], ['a'])));
    expect(line(ask(matcher, sql, ['0190b5a0-0000-7000-8000-00000000beef']))).toBe('normalised 1/1');
  });

  it('that are data: drifted, and named', () => {
    const matcher = matcherOf(recorded(ran('select $1, $2', ['a', 'b'], ['x'])));
    expect(line(ask(matcher, 'select $1, $2', ['a', 'c']))).toBe('drifted 1/1: $2: recorded "b", asked "c"');
  });

  it('a constant in the text is a value like another', () => {
    const matcher = matcherOf(recorded(queried("select * from t where id = 7 and n = 'x'", complete('SELECT 0'))));
    expect(line(ask(matcher, "select * from t where id = 8 and n = 'x'"))).toBe(
      'drifted 1/1: constant 1: recorded "7", asked "8"',
    );
  });

  it('never before the right one, and each only once', () => {
    const matcher = matcherOf(recorded([...ran(sql, ['1'], ['a']), ...ran(sql, ['2'], ['b'])]));
    expect(['2', '3', '4'].map((id) => line(ask(matcher, sql, [id])))).toEqual([
      'exact 1/2',
      'drifted 1/1: $1: recorded "1", asked "3"',
      'miss',
    ]);
  });
});

describe('ids that are made anew', () => {
  it('are spoken of in later answers, which are not exact then', () => {
    const [then, now] = ['0190b5a0-0000-7000-8000-000000000001', '0190b5a0-0000-7000-8000-00000000beef'];
    const matcher = matcherOf(
      recorded([...ran('insert into item values ($1)', [then], []), ...ran('select latest', [], [then])]),
    );
    ask(matcher, 'insert into item values ($1)', [now]);
    expect(line(ask(matcher, 'select latest'))).toBe(`normalised 1/2: a recorded id stands replaced by ${now}`);
  });
});

it('thousands of runs of one statement are each found without comparing them with all others', () => {
  let asked = 0;
  const insert = 'insert into item values ($1)';
  const many = Array.from({ length: 2_000 }, (_, index) => `item ${index}`);
  const runs = recorded(many.flatMap((value) => ran(insert, [value], [])));
  // It is asked for the time once for each comparison.
  const matcher = new StatementMatcher(runs, 'db', () => (asked += 1));
  for (const value of many) expect(line(ask(matcher, insert, [value]))).toMatch(/^exact/);
  expect(asked).toBe(0);
});

describe('where answers come from', () => {
  it('candidates after certain ones and never exact; borrowed ones last', () => {
    const matcher = matcherOf(
      recorded(ran(sql, ['7'], ['a']), 1, 'exemplar'),
      recorded(ran(sql, ['7'], ['b']), 2, 'candidate'),
      recorded(ran(sql, ['7'], ['c']), 3, 'loop'),
      recorded(ran('select other', [], ['d']), 4, 'ambient'),
    );
    expect([1, 2].map(() => line(ask(matcher, sql, ['7'])))).toEqual(['exact 3/1', 'normalised 2/1']);
    expect(line(ask(matcher, 'select other'))).toBe(
      'borrowed 4/1: borrowed from what was recorded outside of any transaction',
    );
  });

  it('an exemplar that fits is better than a drifted answer of the loop', () => {
    const matcher = matcherOf(
      recorded(ran(sql, ['1'], ['a']), 1, 'loop'),
      recorded(ran(sql, ['7'], ['b']), 2, 'exemplar'),
    );
    expect(line(ask(matcher, sql, ['7']))).toBe('borrowed 2/1: borrowed from a good transaction of this route');
  });
});

describe('statements that steer the session', () => {
  it('need no recording, and use one where there is one', () => {
    const matcher = matcherOf(recorded(queried('BEGIN', complete('BEGIN'))));
    expect(
      [
        'begin',
        'BEGIN',
        'start transaction read only',
        'savepoint a',
        'rollback to a',
        'set x = 1',
        'discard all',
        'listen c',
      ].map((text) => line(ask(matcher, text))),
    ).toEqual([
      'synthesised BEGIN',
      'exact 1/1',
      'synthesised START TRANSACTION',
      'synthesised SAVEPOINT',
      'synthesised ROLLBACK',
      'synthesised SET',
      'synthesised DISCARD ALL',
      'synthesised LISTEN',
    ]);
  });

  it('what a failed transaction answered is never an answer of a statement', () => {
    const matcher = matcherOf(recorded(queried('select 2', error('25P02', 'current transaction is aborted'))));
    expect(line(ask(matcher, 'select 2'))).toBe('miss');
    expect(matcher.unused()).toEqual([]);
  });
});

describe('failures', () => {
  it('of Parse are found by the statement alone', () => {
    const failing = [
      client(parse('select * from nowhere where id = $1'), bind(['1']), execute(), sync),
      server(error('42P01', 'no such table'), ready()),
    ];
    const matcher = matcherOf(recorded(failing));
    const asked = questionOf('select * from nowhere where id = $1');
    expect([1, 2].map(() => matcher.matchParse(asked, {})?.kind)).toEqual(['answer', 'answer']);
    expect(matcher.matchParse(questionOf('select 1'), {})).toBeUndefined();
  });
});

describe('what was recorded and not asked', () => {
  it('is told, without what steers the session and what is not certain', () => {
    const matcher = matcherOf(
      recorded([...queried('begin', complete('BEGIN')), ...ran(sql, ['7'], ['a']), ...ran(sql, ['8'], ['b'])]),
      recorded(ran(sql, ['9'], ['c']), 2, 'candidate'),
    );
    ask(matcher, sql, ['7']);
    expect(matcher.unused().map(({ command }) => command.id.slice(-3))).toEqual(['1/3']);
  });
});

describe('a miss explains itself', () => {
  function explanation(matcher: StatementMatcher, text: string, values: readonly string[] = []): readonly string[] {
    const match = ask(matcher, text, values);
    return match.kind === 'miss' ? match.explanation : [];
  }

  it('with the nearest statements and what differs', () => {
    const matcher = matcherOf(
      recorded([
        ...ran(sql, ['7'], ['a']),
        ...ran('select 1', [], ['x']),
        ...ran('select name, price from item where id = $1', ['7'], ['x']),
      ]),
    );
    ask(matcher, sql, ['7']);
    expect(explanation(matcher, 'select name from item where sku = $1', ['7'])).toEqual([
      'select name from item where sku = $1 [$1 = 7]: no recorded statement asks this. Nearest:',
      '  select name from item where id = $1 (already served once): recorded "id = $1", asked "sku = $1"',
      '  select name, price from item where id = $1 (not served yet): recorded ", price from item …", asked "from item where sku …"',
      'The service took another way than in production: the first call above that differs names the value.',
      'Try: loopctl show, to see what was recorded.',
    ]);
  });

  it('when the same statement was served already', () => {
    const insert = 'insert into item(id) values ($1)';
    const matcher = matcherOf(recorded(ran(insert, ['7'], [])));
    ask(matcher, insert, ['7']);
    expect(explanation(matcher, insert, ['7'])[1]).toBe(
      '  insert into item(id) values ($1) (already served once): the same statement; it changes data, so its answer is not given again',
    );
  });

  it('when nothing resembles it, or nothing was recorded', () => {
    expect(explanation(matcherOf(recorded(ran('select 1', [], ['x']))), 'vacuum')).toEqual([
      'vacuum: no recorded statement of db resembles this.',
      'Try: loopctl show, to see what was recorded.',
    ]);
    expect(explanation(matcherOf([]), 'vacuum')).toEqual(['vacuum: nothing was recorded for db.']);
  });
});
