import { describe, expect, it } from 'vitest';
import { AnswerViewer } from '../../../src/seal/answers.ts';
import { hiding } from '../../../src/captures/hide.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import type { CommandView } from '../../../src/seal/view-schema.ts';
import { decodeCommands } from '../../../src/wire/postgres/commands.ts';
import type { Value } from '../../../src/wire/postgres/frontend.ts';
import {
  bind,
  bindComplete,
  client,
  column,
  columns,
  complete,
  conversation,
  describe as described,
  execute,
  handshake,
  parse,
  parseComplete,
  parameterTypes,
  query,
  ready,
  row,
  server,
  sync,
  type Sent,
} from '../../support/postgres-wire.ts';
import { recorded, said } from '../../support/redis-commands.ts';

const redact = createRedactor({ kind: 'redaction-key', bytes: new Uint8Array(32).fill(7) });
const EMAIL = 'kim.meier@mail.example';

type Answers = CommandView['answers'];

function shown(sent: readonly Sent[], by = redact): readonly Answers[] {
  const viewer = new AnswerViewer(by);
  return decodeCommands(conversation([...handshake, ...sent])).map((command) => viewer.view(command).answers);
}

function selected(sql: string, names: readonly string[], ...rows: readonly (readonly (string | null)[])[]): Sent[] {
  return [
    client(query(sql)),
    server(
      columns(...names.map((name) => column(name))),
      ...rows.map((cells) => row(...cells)),
      complete(`SELECT ${rows.length}`),
      ready(),
    ),
  ];
}

describe('rows of Postgres', () => {
  it('stand under their columns, null as null', () => {
    expect(shown(selected('SELECT * FROM t', ['id', 'note'], ['7', 'a'], ['8', null]))).toEqual([
      [
        {
          kind: 'rows',
          columns: ['id', 'note'],
          rows: [
            ['7', 'a'],
            ['8', null],
          ],
        },
      ],
    ]);
  });

  it('hide by column and by looks, one value by one token', () => {
    const [answers] = shown(selected('SELECT * FROM t', ['password', 'note'], ['hunter2-hunter2', EMAIL]));
    expect(answers).toEqual([
      {
        kind: 'rows',
        columns: ['password', 'note'],
        rows: [[redact.value('password', 'hunter2-hunter2'), redact.text(EMAIL)]],
      },
    ]);
    expect(JSON.stringify(answers)).not.toMatch(/hunter2|kim/);
  });

  it('hide everything where something secret comes out under another name', () => {
    const told = (sql: string) => JSON.stringify(shown(selected(sql, ['p'], ['plain-word'])));
    expect(told('SELECT password AS p FROM t')).not.toContain('plain-word');
    expect(told('SELECT p FROM t WHERE token = $1')).toContain('plain-word');
    // Longer than what people are shown of it.
    expect(told(`SELECT ${'a_column, '.repeat(200)} lower(password) AS p FROM t`)).not.toContain('plain-word');
  });

  it('hide the user of a capture', () => {
    const told = JSON.stringify(
      shown(selected('SELECT * FROM t', ['who'], ['customer-31']), hiding(redact, ['customer-31'])),
    );
    expect(told).not.toContain('customer-31');
  });

  it('are read in the format that Bind asked for, by what was described once', () => {
    const binary = (...values: readonly Value[]) => server({ kind: 'data-row', values }, complete('SELECT 1'), ready());
    const cells = [Buffer.from([0, 0, 0, 7]), Buffer.from([1, 2, 3]), Buffer.from('hunter2')];
    const [answers] = shown([
      client(parse('SELECT id, blob, password FROM t', 's'), described('statement', 's'), sync),
      server(
        parseComplete,
        parameterTypes(),
        columns(column('id', 23), column('blob', 17), column('password')),
        ready(),
      ),
      client(bind([], 's', '', [1]), execute(), sync),
      server(bindComplete),
      binary(...cells),
    ]);
    expect(JSON.stringify(answers)).not.toContain('hunter2');
    expect(answers).toMatchObject([
      { columns: ['id', 'blob', 'password'], rows: [['7', '(type 17, 3 bytes)', expect.stringMatching(/^REDACTED/)]] },
    ]);
  });

  it('are counted only when nobody described their columns', () => {
    const [answers] = shown([
      client(parse('SELECT * FROM t'), bind([]), execute(), sync),
      server(parseComplete, bindComplete, row('hunter2'), complete('SELECT 1'), ready()),
    ]);
    expect(answers).toEqual([{ kind: 'rows', columns: [], rows: [], rowsMore: 1 }]);
  });

  it('are none where there were none', () => {
    expect(shown([client(query('BEGIN')), server(complete('BEGIN'), ready('T'))])).toEqual([undefined]);
  });

  it('are bounded by count and by length, in a command and in the view', () => {
    const many = shown(selected('SELECT * FROM t', ['n'], ...Array.from({ length: 60 }, () => ['1'])));
    expect(many[0]).toMatchObject([{ rowsMore: 10 }]);
    const long = shown(selected('SELECT * FROM t', ['n'], ...Array.from({ length: 9 }, () => ['x y '.repeat(1_000)])));
    expect(long[0]).toMatchObject([{ rowsMore: 4 }]);
    const all = shown(
      Array.from({ length: 60 }, () => selected('SELECT * FROM t', ['n'], ['x y '.repeat(9_000)])).flat(),
    );
    expect(JSON.stringify(all).length).toBeLessThan(512 * 1024);
    expect(all.at(-1)).toBeUndefined();
  });
});

describe('replies of Redis', () => {
  const reply = (command: string, ...replies: readonly string[]): Answers => {
    const viewer = new AnswerViewer(redact);
    return recorded([said(command, ...replies)]).map((one) => viewer.view(one.command).answers)[0];
  };

  it.each([
    ['GET a', '$2|hi|', ['hi']],
    ['GET a', '$-1|', ['(nil)']],
    ['INCR a', ':3|', ['(integer) 3']],
    ['LRANGE a 0 -1', '*2|$1|x|$1|y|', ['1) x', '2) y']],
    ['LRANGE a 0 -1', '*0|', ['(empty)']],
  ])('%s: %s', (command, answered, lines) => {
    expect(reply(command, answered)).toEqual([{ kind: 'reply', lines }]);
  });

  it('hide by key, by field and by looks', () => {
    const told = [
      reply('GET session:1', '$10|plain-word|'),
      reply('HGETALL user', '*2|$8|password|$10|plain-word|'),
      reply('GET a', `$${EMAIL.length}|${EMAIL}|`),
    ];
    expect(told.map((answers) => answers?.length)).toEqual([1, 1, 1]);
    expect(JSON.stringify(told)).not.toMatch(/plain-word|kim/);
  });

  it('are bounded', () => {
    const answered = `*150|${'$1|x|'.repeat(150)}`;
    expect(reply('LRANGE a 0 -1', answered)).toMatchObject([{ linesMore: 50 }]);
  });

  it('leave errors to the command', () => {
    expect(reply('GET a', '-ERR no|')).toBeUndefined();
  });
});
