import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatementMatcher } from '../../../../replay-sandbox/match/postgres/matcher.ts';
import type { CommandAnswer } from '../../../../replay-sandbox/match/command.ts';
import type { StatementCall } from '../../../../replay-sandbox/mocks/postgres/run.ts';
import { PostgresServer, type Action } from '../../../../replay-sandbox/mocks/postgres/server.ts';
import { decodeBackend, reportField, type Backend } from '../../../../src/wire/postgres/backend.ts';
import { decodeFrontend, type Frontend } from '../../../../src/wire/postgres/frontend.ts';
import { Framer, messageFrame } from '../../../../src/wire/postgres/framing.ts';
import { postgres } from '../../../../src/wire/postgres/protocol.ts';
import { postgresCaptures } from '../../../support/postgres-captures.ts';
import {
  bind,
  bindComplete,
  client,
  close,
  column,
  columns,
  complete,
  describe as describeMessage,
  error,
  execute,
  flush,
  noData,
  notice,
  parameterTypes,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  startup,
  suspended,
  sync,
} from '../../../support/postgres-wire.ts';
import { queried, ran, recorded } from '../../../support/postgres-commands.ts';

interface Replayed {
  readonly mock: PostgresServer;
  readonly say: (...messages: readonly (Frontend | undefined)[]) => string[];
  readonly calls: StatementCall[];
}

/** A client's view of the mock: what is answered, a word per message. */
function serve(
  answers: readonly CommandAnswer[],
  options: { encrypts?: boolean; parameters?: ReadonlyMap<string, string>; fresh?: boolean } = {},
): Replayed {
  const calls: StatementCall[] = [];
  const mock = new PostgresServer({
    matcher: new StatementMatcher(answers, 'db', () => 0),
    parameters: options.parameters ?? new Map(),
    process: 7,
    secret: new Uint8Array(4),
    encrypts: options.encrypts ?? false,
    answered: (call) => calls.push(call),
  });
  if (options.fresh !== true) mock.handle(startup);
  const say = (...messages: readonly (Frontend | undefined)[]): string[] =>
    wordsOf(messages.flatMap((message) => mock.handle(message)));
  return { say, calls, mock };
}

function wordsOf(actions: readonly Action[]): string[] {
  return actions.map((action) => (action.kind === 'send' ? word(action.bytes) : action.kind));
}

function word(bytes: Uint8Array): string {
  if (bytes.length === 1) return Buffer.from(bytes).toString();
  const message = decodeBackend(messageFrame(bytes));
  return message === undefined ? 'broken' : wordOf(message);
}

function wordOf(message: Backend): string {
  if (message.kind === 'ready') return `ready ${message.status}`;
  if (message.kind === 'data-row')
    return `row ${message.values.map((value) => (value === null ? 'NULL' : Buffer.from(value).toString())).join()}`;
  if (message.kind === 'row-description')
    return `columns ${message.columns.map(({ name, format }) => `${name}:${format}`).join()}`;
  if (message.kind === 'parameter-description') return `parameters ${message.types.join()}`;
  if (message.kind === 'command-complete') return message.tag;
  if (message.kind === 'error') return `error ${reportField(message.fields, 'C')}`;
  return message.kind === 'parameter-status' ? `${message.name}=${message.value}` : message.kind;
}

const failedTransaction = 'error 25P02';

describe('start-up', () => {
  it('lets anybody in and says what the recorded server said', () => {
    const { say } = serve([], { fresh: true, parameters: new Map([['TimeZone', 'CET']]) });
    const said = say(startup);
    expect(said[0]).toBe('authentication');
    expect(said).toContain('TimeZone=CET');
    expect(said.slice(-2)).toEqual(['backend-key', 'ready I']);
  });

  it('declines to encrypt, or agrees', () => {
    expect(serve([], { fresh: true }).say({ kind: 'ssl' }, { kind: 'gss' })).toEqual(['N', 'N']);
    expect(serve([], { fresh: true, encrypts: true }).say({ kind: 'ssl' })).toEqual(['S', 'encrypt']);
  });

  it('tells a client of a newer protocol which one is spoken', () => {
    expect(serve([], { fresh: true }).say({ kind: 'startup', version: 196610, parameters: [['_pq_.x', '1']] })[0]).toBe(
      'negotiate-version',
    );
  });

  it('ends with what is no message', () => {
    expect(serve([], { fresh: true }).say(undefined)).toEqual(['error 08P01', 'close']);
    expect(serve([], { fresh: true }).say({ kind: 'terminate' })).toEqual(['close']);
  });
});

describe('simple queries', () => {
  it('get the recorded answer', () => {
    const { say, calls } = serve(
      recorded(queried('select 1', columns(column('a')), notice('n'), row('1'), complete('SELECT 1'))),
    );
    expect(say(query('SELECT 1'.toLowerCase()))).toEqual(['columns a:0', 'notice', 'row 1', 'SELECT 1', 'ready I']);
    expect(calls).toMatchObject([
      { summary: 'select 1', grade: 'exact', source: 'loop', exchange: '00000000000000aa.1/1', explanation: [] },
    ]);
  });

  it('with several statements: recorded together or each alone', () => {
    const together = queried(
      'begin; select 1',
      complete('BEGIN'),
      columns(column('a')),
      row('1'),
      complete('SELECT 1'),
    );
    expect(serve(recorded(together)).say(query('begin; select 1'))).toEqual([
      'BEGIN',
      'columns a:0',
      'row 1',
      'SELECT 1',
      'ready T',
    ]);
    const alone = queried('select 1', columns(column('a')), row('1'), complete('SELECT 1'));
    expect(serve(recorded(alone)).say(query('begin; select 1; selec 2; select 3'))).toEqual([
      'BEGIN',
      'columns a:0',
      'row 1',
      'SELECT 1',
      'error XX000',
      'ready E',
    ]);
  });

  it('without a statement', () => {
    expect(serve([]).say(query(' -- nothing'))).toEqual(['empty-query', 'ready I']);
  });

  it('that were recorded as extended ones describe their rows', () => {
    expect(serve(recorded(ran('select 1', [], ['x']))).say(query('select 1'))).toEqual([
      'columns value:0',
      'row x',
      'SELECT 1',
      'ready I',
    ]);
  });
});

describe('extended queries', () => {
  const sql = 'select $1';

  it('get the recorded answer of their values', () => {
    const { say } = serve(recorded([...ran(sql, ['1'], ['one']), ...ran(sql, ['2'], ['two'])]));
    expect(say(parse(sql), bind(['2']), describeMessage('portal'), execute(), sync)).toEqual([
      'parse-complete',
      'bind-complete',
      'columns value:0',
      'row two',
      'SELECT 1',
      'ready I',
    ]);
  });

  it('prepared once, executed often, closed', () => {
    const { say } = serve(recorded([...ran(sql, ['1'], ['one']), ...ran(sql, ['2'], ['two'])]));
    expect(say(parse(sql, 's'), describeMessage('statement', 's'), sync)).toEqual([
      'parse-complete',
      'parameters 0',
      'columns value:0',
      'ready I',
    ]);
    expect(say(bind(['1'], 's'), execute(), bind(['2'], 's'), execute(), sync)).toEqual([
      'bind-complete',
      'row one',
      'SELECT 1',
      'bind-complete',
      'row two',
      'SELECT 1',
      'ready I',
    ]);
    expect(say(close('statement', 's'), bind(['1'], 's'), execute(), sync)).toEqual([
      'close-complete',
      'error 26000',
      'ready I',
    ]);
  });

  it('that were recorded as simple ones', () => {
    const { say } = serve(recorded(queried('select 1', columns(column('a')), row('1'), complete('SELECT 1'))));
    expect(say(parse('select 1'), bind([]), describeMessage('portal'), execute(), sync)).toEqual([
      'parse-complete',
      'bind-complete',
      'columns a:0',
      'row 1',
      'SELECT 1',
      'ready I',
    ]);
  });

  it('may want another format', () => {
    const numbers = [
      client(parse('select 7'), bind([]), describeMessage('portal'), execute(), sync),
      server(
        parseComplete,
        bindComplete,
        columns(column('n', 23), column('t', 25)),
        row('7', 'x'),
        complete('SELECT 1'),
        ready(),
      ),
    ];
    expect(
      serve(recorded(numbers)).say(
        parse('select 7'),
        bind([], '', '', [1]),
        describeMessage('portal'),
        execute(),
        sync,
      ),
    ).toEqual(['parse-complete', 'bind-complete', 'columns n:1,t:1', 'row \0\0\0\u0007,x', 'SELECT 1', 'ready I']);
  });

  it('keep a value whose type has no other form, and say so', () => {
    const points = [
      client(parse('select p'), bind([]), describeMessage('portal'), execute(), sync),
      server(parseComplete, bindComplete, columns(column('p', 600)), row('(1,2)'), complete('SELECT 1'), ready()),
    ];
    const { say, calls } = serve(recorded(points));
    expect(say(parse('select p'), bind([], '', '', [1]), execute(), sync)).toContain('row (1,2)');
    expect(calls[0]?.explanation).toEqual([
      'a value has a type that is not known here: it stands in its recorded format',
    ]);
  });

  it('without rows', () => {
    const update = [
      client(parse('update t'), bind([]), describeMessage('portal'), execute(), sync),
      server(parseComplete, bindComplete, noData, complete('UPDATE 3'), ready()),
    ];
    expect(
      serve(recorded(update)).say(parse('update t'), bind([]), describeMessage('portal'), execute(), sync),
    ).toEqual(['parse-complete', 'bind-complete', 'no-data', 'UPDATE 3', 'ready I']);
  });

  it('without a statement', () => {
    expect(serve([]).say(parse(''), bind([]), describeMessage('portal'), execute(), sync)).toEqual([
      'parse-complete',
      'bind-complete',
      'no-data',
      'empty-query',
      'ready I',
    ]);
  });

  it('unknown ones can be prepared, and fail when their values are known', () => {
    const { say, calls } = serve(recorded(ran('select 1', [], ['x'])));
    expect(say(parse('select $1, $2', 's', [23]), describeMessage('statement', 's'), sync)).toEqual([
      'parse-complete',
      'parameters 23,0',
      'no-data',
      'ready I',
    ]);
    expect(say(bind(['1', '2'], 's'), execute(), sync)).toEqual(['error XX000', 'ready I']);
    expect(calls).toMatchObject([{ grade: 'missed', summary: 'select $1, $2' }]);
  });
});

describe('portals read in parts', () => {
  const cursor = [
    client(parse('select n'), bind([]), execute('', 2), flush),
    server(parseComplete, bindComplete, row('1'), row('2'), suspended),
    client(execute('', 2), sync),
    server(row('3'), complete('SELECT 1'), ready()),
  ];

  it('as they were recorded', () => {
    expect(
      serve(recorded(cursor)).say(parse('select n'), bind([]), execute('', 2), flush, execute('', 2), sync),
    ).toEqual([
      'parse-complete',
      'bind-complete',
      'row 1',
      'row 2',
      'portal-suspended',
      'row 3',
      'SELECT 1',
      'ready I',
    ]);
  });

  it('in other parts', () => {
    expect(serve(recorded(cursor)).say(parse('select n'), bind([]), execute('', 3), execute('', 3), sync)).toEqual([
      'parse-complete',
      'bind-complete',
      'row 1',
      'row 2',
      'row 3',
      'portal-suspended',
      'SELECT 0',
      'ready I',
    ]);
  });

  it('in one part, whose tag counts them all', () => {
    expect(serve(recorded(cursor)).say(parse('select n'), bind([]), execute(), sync).slice(2)).toEqual([
      'row 1',
      'row 2',
      'row 3',
      'SELECT 3',
      'ready I',
    ]);
  });

  it('of which the recording holds the beginning only', () => {
    const beginning = [
      client(parse('select n'), bind([]), execute('', 1), sync),
      server(parseComplete, bindComplete, row('1'), suspended, ready()),
    ];
    const { say, calls } = serve(recorded(beginning));
    expect(say(parse('select n'), bind([]), execute('', 1), execute('', 1), sync)).toEqual([
      'parse-complete',
      'bind-complete',
      'row 1',
      'portal-suspended',
      'error XX000',
      'ready I',
    ]);
    expect(calls.at(-1)?.explanation).toEqual(['select n: the recording holds no more rows of this portal.']);
  });

  it('live as long as their transaction', () => {
    const { say } = serve(recorded(cursor));
    expect(
      say(query('begin'), parse('select n'), bind([], '', 'c'), execute('c', 1), sync, execute('c', 1), sync).slice(-4),
    ).toEqual(['ready T', 'row 2', 'portal-suspended', 'ready T']);
    expect(say(query('commit'), execute('c', 1), sync)).toEqual(['COMMIT', 'ready I', 'error 34000', 'ready I']);
  });
});

describe('errors', () => {
  it('are served where they came, and skip to the Sync', () => {
    const parsed = [client(parse('a'), bind([]), execute(), sync), server(error('42601', 'no'), ready())];
    expect(serve(recorded(parsed)).say(parse('a'), bind([]), execute(), sync)).toEqual(['error 42601', 'ready I']);
    const bound = [
      client(parse('b'), bind(['x']), execute(), sync),
      server(parseComplete, error('22P02', 'no'), ready()),
    ];
    expect(serve(recorded(bound)).say(parse('b'), bind(['x']), describeMessage('portal'), execute(), sync)).toEqual([
      'parse-complete',
      'error 22P02',
      'ready I',
    ]);
    const executed = [
      client(parse('c'), bind([]), execute(), sync),
      server(parseComplete, bindComplete, error('23505', 'no'), ready()),
    ];
    expect(serve(recorded(executed)).say(parse('c'), bind([]), execute(), bind([]), execute(), sync)).toEqual([
      'parse-complete',
      'bind-complete',
      'error 23505',
      'ready I',
    ]);
  });

  it('of the server itself end the connection', () => {
    const fatal = error('57P01', 'terminating connection');
    const ended = queried(
      'select 1',
      fatal.kind === 'error'
        ? {
            kind: 'error',
            fields: [
              ['S', 'FATAL'],
              ['V', 'FATAL'],
              ['C', '57P01'],
            ],
          }
        : fatal,
    );
    expect(serve(recorded(ended)).say(query('select 1'))).toEqual(['error 57P01', 'close']);
  });

  it('in a transaction fail it: nothing but its end is accepted', () => {
    const { say } = serve(
      recorded([
        ...queried('select 1/0', error('22012', 'division by zero')),
        ...queried('select 1', complete('SELECT 1')),
      ]),
    );
    expect(say(query('begin'), query('select 1/0'), query('select 1'))).toEqual([
      'BEGIN',
      'ready T',
      'error 22012',
      'ready E',
      failedTransaction,
      'ready E',
    ]);
    expect(say(parse('select 1'), bind([]), execute(), sync)).toEqual([failedTransaction, 'ready E']);
    expect(say(query('commit'), query('select 1'))).toEqual(['ROLLBACK', 'ready I', 'SELECT 1', 'ready I']);
  });

  it('before a savepoint can be taken back', () => {
    const { say } = serve(recorded(queried('select 1/0', error('22012', 'division by zero'))));
    expect(
      say(query('begin'), query('savepoint a'), query('select 1/0'), query('rollback to a'), query('rollback')),
    ).toEqual([
      'BEGIN',
      'ready T',
      'SAVEPOINT',
      'ready T',
      'error 22012',
      'ready E',
      'ROLLBACK',
      'ready T',
      'ROLLBACK',
      'ready I',
    ]);
  });

  it('of a commit end the transaction', () => {
    const { say } = serve(recorded(queried('commit', error('40001', 'could not serialize'))));
    expect(say(query('begin'), query('commit'))).toEqual(['BEGIN', 'ready T', 'error 40001', 'ready I']);
  });
});

describe('an answer that never came', () => {
  it('does not come again: the connection hangs', () => {
    const { say, calls } = serve(recorded([client(query('select pg_sleep(60)')), server(columns(column('a')))]));
    expect(say(query('select pg_sleep(60)'), query('select 1'), sync)).toEqual(['columns a:0']);
    expect(calls).toMatchObject([
      { grade: 'exact', explanation: ['no answer was recorded: the statement hangs, as it did'] },
    ]);
    expect(say({ kind: 'terminate' })).toEqual(['close']);
  });
});

describe('copies', () => {
  const data = (text: string): Frontend => ({ kind: 'copy-data', data: Buffer.from(text) });
  const done: Frontend = { kind: 'copy-done' };
  const copyIn = [
    client(query('copy t from stdin')),
    server({ kind: 'copy-in', format: 0, columns: [0] }),
    client(data('1\n'), done),
    server(complete('COPY 1'), ready()),
  ];

  it('in: the same data', () => {
    const { say, calls } = serve(recorded(copyIn));
    expect(say(query('copy t from stdin'))).toEqual(['copy-in']);
    expect(say(data('1'), sync, data('\n'), done)).toEqual(['COPY 1', 'ready I']);
    expect(calls).toMatchObject([{ grade: 'exact' }]);
  });

  it('in: other data is told', () => {
    const { say, calls } = serve(recorded(copyIn));
    say(query('copy t from stdin'), data('22\n'), done);
    expect(calls).toMatchObject([
      { grade: 'drifted', explanation: ['copied data: recorded 2 bytes, asked 3 other bytes'] },
    ]);
  });

  it('in: broken off by the client, as in the recording', () => {
    const broken = [
      client(query('copy t from stdin')),
      server({ kind: 'copy-in', format: 0, columns: [0] }),
      client(data('1\n'), { kind: 'copy-fail', reason: 'no' }),
      server(error('57014', 'COPY from stdin failed: no', ['W', 'COPY t, line 2']), ready()),
    ];
    const { say, calls } = serve(recorded(broken));
    say(query('copy t from stdin'), data('1\n'));
    expect(say({ kind: 'copy-fail', reason: 'no' })).toEqual(['error 57014', 'ready I']);
    expect(calls).toMatchObject([{ grade: 'exact', explanation: [] }]);
  });

  it('in: broken off by the client', () => {
    expect(serve(recorded(copyIn)).say(query('copy t from stdin'), { kind: 'copy-fail', reason: 'no' })).toEqual([
      'copy-in',
      'error 57014',
      'ready I',
    ]);
  });

  it('out: as recorded', () => {
    const copyOut = queried(
      'copy t to stdout',
      { kind: 'copy-out', format: 0, columns: [0] },
      { kind: 'copy-data', data: Buffer.from('1\n') },
      { kind: 'copy-done' },
      complete('COPY 1'),
    );
    expect(serve(recorded(copyOut)).say(query('copy t to stdout'))).toEqual([
      'copy-out',
      'copy-data',
      'copy-done',
      'COPY 1',
      'ready I',
    ]);
  });
});

describe('a statement that was cancelled', () => {
  const cancelled = [
    ...queried('select 0', columns(column('a')), row('0'), complete('SELECT 1')),
    ...queried(
      'select pg_sleep(60)',
      columns(column('a')),
      row('1'),
      error('57014', 'canceling statement due to user request', ['R', 'ProcessInterrupts']),
    ),
  ];

  it('waits until it is', () => {
    const { say, calls, mock } = serve(recorded(cancelled));
    expect(say(query('select pg_sleep(60)'))).toEqual(['columns a:0', 'row 1']);
    expect(mock.waiting).toBe(true);
    expect(calls).toEqual([]);
    expect(wordsOf(mock.cancel())).toEqual(['error 57014', 'ready I']);
    expect(mock.waiting).toBe(false);
    expect(calls).toMatchObject([{ grade: 'exact' }]);
    expect(say(query('select 0'))).toEqual(['columns a:0', 'row 0', 'SELECT 1', 'ready I']);
  });

  it('comes to its end when nobody cancels it', () => {
    const { say, mock } = serve(recorded(cancelled));
    say(parse('select pg_sleep(60)'), bind([]), execute());
    expect(wordsOf(mock.release())).toEqual(['error 57014']);
    expect(say(execute(), sync)).toEqual(['ready I']);
    expect(wordsOf(mock.release())).toEqual([]);
  });

  it('does not wait when time was up instead', () => {
    const late = queried('select 1', error('57014', 'canceling statement due to statement timeout'));
    expect(serve(recorded(late)).say(query('select 1'))).toEqual(['error 57014', 'ready I']);
  });

  it('that never ended in the recording, ends', () => {
    const { say, mock } = serve(recorded([client(query('select 1')), server(columns(column('a')))]));
    say(query('select 1'));
    expect(wordsOf(mock.cancel())).toEqual(['error 57014', 'ready I']);
    expect(wordsOf(mock.cancel())).toEqual([]);
  });
});

describe('cursors', () => {
  const fetched = (sql: string, rows: readonly string[]) =>
    queried(sql, columns(column('n')), ...rows.map((value) => row(value)), complete(`FETCH ${rows.length}`));
  const declared = [
    ...queried('begin', complete('BEGIN')),
    ...queried('declare "c_1" cursor for select n from t', complete('DECLARE CURSOR')),
    ...fetched('fetch 2 from "c_1"', ['1', '2']),
    ...fetched('fetch 2 from "c_1"', ['3']),
    ...queried('close "c_1"', complete('CLOSE CURSOR')),
    ...queried('commit', complete('COMMIT')),
  ];
  const rows = (words: readonly string[]): string => words.filter((one) => /^(row|FETCH)/.test(one)).join(' ');

  it('are read as they were, under another name', () => {
    const { say, calls } = serve(recorded(declared));
    say(query('begin'), query('declare "c_9" cursor for select n from t'));
    expect(rows(say(query('fetch 2 from "c_9"')))).toBe('row 1 row 2 FETCH 2');
    expect(rows(say(query('fetch 2 from "c_9"')))).toBe('row 3 FETCH 1');
    say(query('close "c_9"'), query('commit'));
    expect(calls.map(({ grade }) => grade)).toEqual([
      'exact',
      'normalised',
      'normalised',
      'normalised',
      'normalised',
      'exact',
    ]);
  });

  it('are read in other parts', () => {
    const { say } = serve(recorded(declared));
    say(query('begin'), query('declare c cursor for select n from t'));
    expect(rows(say(query('fetch next from c')))).toBe('row 1 FETCH 1');
    expect(say(query('move 1 from c'))).toEqual(['MOVE 1', 'ready T']);
    expect(rows(say(query('fetch all in c')))).toBe('row 3 FETCH 1');
    expect(rows(say(query('fetch forward 5 from c')))).toBe('FETCH 0');
  });

  it('tell their columns', () => {
    const { say } = serve(recorded(declared));
    say(query('begin'), query('declare c cursor for select n from t'));
    expect(say(describeMessage('portal', 'c'), sync)).toEqual(['columns n:0', 'ready T']);
    expect(say(describeMessage('portal', 'other'), sync)).toEqual(['error 34000', 'ready E']);
  });
});

describe('notifications', () => {
  const heard = { process: 3, channel: 'news', payload: 'x' };

  it('come to who listens, at once when nothing else goes on', () => {
    const { say, mock } = serve([]);
    expect(wordsOf(mock.notify(heard))).toEqual([]);
    say(query('listen news'));
    expect(wordsOf(mock.notify(heard))).toEqual(['notification']);
    expect(wordsOf(mock.notify({ ...heard, channel: 'other' }))).toEqual([]);
  });

  it('wait for the end of a transaction', () => {
    const { say, mock } = serve([]);
    say(query('listen news'), query('begin'));
    expect(wordsOf(mock.notify(heard))).toEqual([]);
    expect(say(query('commit'))).toEqual(['COMMIT', 'notification', 'ready I']);
  });
});

describe('what a pool asks of a fresh connection', () => {
  it('is answered in the form it is asked in', () => {
    expect(serve([]).say(query('select 1'))).toEqual(['columns ?column?:0', 'row 1', 'SELECT 1', 'ready I']);
    const asked = [parse('SHOW TRANSACTION ISOLATION LEVEL'), bind([]), describeMessage('portal'), execute(), sync];
    expect(serve([]).say(...asked)).toEqual([
      'parse-complete',
      'bind-complete',
      'columns transaction_isolation:0',
      'row read committed',
      'SHOW',
      'ready I',
    ]);
  });
});

describe('replication', () => {
  it('is refused', () => {
    const replicating: Frontend = { kind: 'startup', version: 0x30000, parameters: [['replication', 'database']] };
    expect(serve([], { fresh: true }).say(replicating)).toEqual(['error 0A000', 'close']);
  });
});

describe('forgetting', () => {
  it('DISCARD ALL forgets what was prepared', () => {
    expect(serve([]).say(parse('select 1', 's'), sync, query('discard all'), bind([], 's'), sync).slice(-2)).toEqual([
      'error 26000',
      'ready I',
    ]);
  });

  it('types the recorded server told serve the same statement of a fresh connection', () => {
    const described = [
      client(parse('select $1', 's'), describeMessage('statement', 's'), sync),
      server(parseComplete, parameterTypes(23), columns(column('a', 23)), ready()),
    ];
    expect(
      serve(recorded(described)).say(parse('select $1', 'other'), describeMessage('statement', 'other'), sync),
    ).toEqual(['parse-complete', 'parameters 23', 'columns a:0', 'ready I']);
  });
});

describe('clients that somebody has bent', () => {
  const captures = postgresCaptures().map(([, capture]) => ({
    asked: Buffer.concat(capture.bytes.filter(({ side }) => side === 'client').map(({ bytes }) => bytes)),
    answers: postgres.decodeCommands(capture).map((command) => ({ command, source: 'loop' as const })),
  }));
  const bent = fc.record({
    capture: fc.constantFrom(...captures),
    at: fc.nat(),
    patch: fc.uint8Array({ maxLength: 6 }),
    cut: fc.nat({ max: 8 }),
  });

  it('are answered or refused, never with more than there is', () => {
    fc.assert(
      fc.property(bent, ({ capture: { asked, answers }, at, patch, cut }) => {
        const from = at % asked.length;
        const { mock } = serve(answers, { fresh: true, encrypts: true });
        const framer = new Framer('client');
        framer.push(Buffer.concat([asked.subarray(0, from), patch, asked.subarray(from + cut)]));
        let sent = 0;
        for (let framed = framer.next(); framed.kind !== 'need-more'; framed = framer.next()) {
          const actions = mock.handle(framed.kind === 'fault' ? undefined : decodeFrontend(framed));
          sent += actions.reduce((sum, action) => sum + (action.kind === 'send' ? action.bytes.length : 0), 0);
          if (mock.waiting) mock.cancel();
          if (framed.kind === 'fault' || actions.at(-1)?.kind === 'close') break;
        }
        expect(sent).toBeLessThan(2_000_000);
      }),
      { numRuns: Number(process.env['LOOP_FUZZ_RUNS'] ?? 200) },
    );
  });
});
