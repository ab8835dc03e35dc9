import { describe, expect, it } from 'vitest';
import type { Command } from '../../../../src/domain/conversation.ts';
import { decodeBackend } from '../../../../src/wire/postgres/backend.ts';
import { decodeCommands } from '../../../../src/wire/postgres/commands.ts';
import { messageFrame } from '../../../../src/wire/postgres/framing.ts';
import { recordedParameters } from '../../../../src/wire/postgres/startup.ts';
import {
  authenticated,
  bind,
  bindComplete,
  client,
  column,
  columns,
  complete,
  conversation,
  describe as describeMessage,
  error,
  execute,
  flush,
  handshake,
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
  type Sent,
} from '../../../support/postgres-wire.ts';

/** `summary: request types → response types`, and the error. */
function lines(commands: readonly Command[]): string[] {
  const types = (messages: readonly Uint8Array[]): string =>
    messages.map((bytes) => String.fromCharCode(bytes[0] ?? 0)).join('');
  return commands.map(
    ({ summary, request, response, error: failure }) =>
      `${summary}: ${types(request)} → ${types(response)}${failure ? ` ${failure.code}` : ''}`,
  );
}

function commandsOf(...sent: readonly Sent[]): readonly Command[] {
  return decodeCommands(conversation([...handshake, ...sent]));
}

describe('commands', () => {
  it('a Bind belongs to the statement it names, whatever was prepared last', () => {
    const commands = commandsOf(
      client(parse('select 1', 'one'), sync),
      server(parseComplete, ready()),
      client(parse('select 2', 'two'), describeMessage('statement', 'two'), flush),
      server(parseComplete, parameterTypes(), columns(column('b'))),
      client(bind([], 'one'), execute(), sync),
      server(bindComplete, row('1'), complete('SELECT 1'), ready()),
      client(bind([], 'two'), execute(), sync),
      server(bindComplete, row('2'), complete('SELECT 1'), ready()),
    );
    expect(lines(commands)).toEqual(['select 1: PBE → 12DC', 'select 2: PBE → 1tT2DC']);
  });

  it('a simple query', () => {
    const [command] = commandsOf(
      client(query('select a\n from t -- c')),
      server(columns(column('a')), row('1'), row('2'), complete('SELECT 2'), ready()),
    );
    expect(command).toMatchObject({
      id: '00000000000000aa.1/1',
      summary: 'select a from t',
      startedAt: 30,
      endedAt: 40,
      rows: 2,
      openInbound: 1,
    });
    expect(lines([command].filter((known) => known !== undefined))).toEqual(['select a from t: Q → TDDCZ']);
  });

  it('counts the rows of every statement in it', () => {
    expect(
      commandsOf(
        client(query('update a set b = 1; delete from c')),
        server(complete('UPDATE 2'), complete('DELETE 3'), ready()),
      )[0]?.rows,
    ).toBe(5);
    expect(commandsOf(client(query('begin')), server(complete('BEGIN'), ready()))[0]).not.toHaveProperty('rows');
  });

  it('an extended query, with what it was asked and answered', () => {
    const commands = commandsOf(
      client(parse('select $1'), bind(['1']), describeMessage('portal'), execute(), sync),
      server(parseComplete, bindComplete, columns(column('a')), notice('n'), row('1'), complete('SELECT 1'), ready()),
    );
    expect(lines(commands)).toEqual(['select $1: PBDE → 12TNDC']);
  });

  it('a statement prepared earlier is stated again: a command stands alone', () => {
    const commands = commandsOf(
      client(parse('select $1', 's'), describeMessage('statement', 's'), sync),
      server(parseComplete, parameterTypes(23), columns(column('a')), ready()),
      client(bind(['1'], 's'), execute(), sync, bind(['2'], 's'), execute(), sync),
      server(
        bindComplete,
        row('1'),
        complete('SELECT 1'),
        ready(),
        bindComplete,
        row('2'),
        complete('SELECT 1'),
        ready(),
      ),
    );
    expect(lines(commands)).toEqual(['select $1: PBE → 1tT2DC', 'select $1: PBE → 1tT2DC']);
  });

  it('a pipeline: each Execute has its own answer', () => {
    const commands = commandsOf(
      client(parse('a'), bind([]), execute(), parse('b'), bind([]), describeMessage('portal'), execute(), sync),
      server(parseComplete, bindComplete, complete('A'), parseComplete, bindComplete, noData, complete('B'), ready()),
    );
    expect(lines(commands)).toEqual(['a: PBE → 12C', 'b: PBDE → 12nC']);
  });

  it('an error, and what was skipped after it', () => {
    const commands = commandsOf(
      client(
        parse('a'),
        bind([]),
        execute(),
        parse('b'),
        bind(['x']),
        execute(),
        parse('c'),
        bind([]),
        execute(),
        sync,
      ),
      server(
        parseComplete,
        bindComplete,
        complete('A'),
        parseComplete,
        error('22P02', 'invalid input syntax'),
        ready(),
      ),
    );
    expect(lines(commands)).toEqual(['a: PBE → 12C', 'b: PBE → 1E 22P02']);
    expect(commands[1]?.error?.message).toBe('invalid input syntax');
  });

  it('a statement that failed when it was prepared, and one that was never executed', () => {
    const commands = commandsOf(
      client(parse('bad', 'x'), describeMessage('statement', 'x'), sync),
      server(error('42P01', 'no'), ready()),
      client(parse('good', 'y'), describeMessage('statement', 'y'), sync),
      server(parseComplete, parameterTypes(), columns(column('a')), ready()),
    );
    expect(lines(commands)).toEqual(['bad: PD → E 42P01', 'good: PD → 1tT']);
  });

  it('a constraint that is checked at the end fails the statement before the Sync', () => {
    expect(
      lines(
        commandsOf(
          client(parse('a'), bind([]), execute(), sync),
          server(parseComplete, bindComplete, complete('INSERT 0 1'), error('23503', 'fk'), ready()),
        ),
      ),
    ).toEqual(['a: PBE → 12CE 23503']);
  });

  it('a portal read in parts: one command per Execute', () => {
    const commands = commandsOf(
      client(parse('a'), bind([]), execute('', 1), flush),
      server(parseComplete, bindComplete, row('1'), suspended),
      client(execute('', 1), sync),
      server(row('2'), suspended, ready()),
    );
    expect(lines(commands)).toEqual(['a: PBE → 12Ds', 'a: PBE → 1Ds']);
  });

  it('copied data belongs to the question', () => {
    const commands = commandsOf(
      client(query('copy t from stdin')),
      server({ kind: 'copy-in', format: 0, columns: [0] }),
      client({ kind: 'copy-data', data: Buffer.from('1\n') }, { kind: 'copy-done' }),
      server(complete('COPY 1'), ready()),
    );
    expect(lines(commands)).toEqual(['copy t from stdin: Qdc → GCZ']);
  });

  it('an answer that never came, or only half of it', () => {
    const prepared = [client(parse('a', 's'), sync), server(parseComplete, ready())];
    expect(lines(commandsOf(...prepared, client(bind([], 's'), execute(), sync)))).toEqual(['a: PBE → 1']);
    expect(lines(commandsOf(client(query('b')), server(columns(column('a')), row('1'))))).toEqual(['b: Q → TD']);
  });

  it('starts with its first byte and belongs to whom that byte belonged', () => {
    const bytes = client(query('select 1')).bytes;
    const first: Sent & { openInbound: number } = { side: 'client', bytes: bytes.subarray(0, 3), openInbound: 1 };
    const rest: Sent & { openInbound: number } = { side: 'client', bytes: bytes.subarray(3), openInbound: 2 };
    const [command] = decodeCommands(conversation([...handshake, first, rest, server(complete('SELECT 1'), ready())]));
    expect(command).toMatchObject({ startedAt: 30, endedAt: 50, openInbound: 1 });
  });

  it('byte by byte: the same commands', () => {
    const sent = [
      ...handshake,
      client(parse('a'), bind(['1']), execute(), sync),
      server(parseComplete, bindComplete, row('1'), complete('SELECT 1'), ready()),
    ];
    const bytes = sent.flatMap((chunk) =>
      [...chunk.bytes].map((byte) => ({ side: chunk.side, bytes: Uint8Array.of(byte) })),
    );
    expect(lines(decodeCommands(conversation(bytes)))).toEqual(lines(decodeCommands(conversation(sent))));
  });
});

describe('bytes are missing', () => {
  const answer = server(complete('SELECT 1'), ready());

  it('decoding goes on behind the next ReadyForQuery', () => {
    const sent = [client(query('a')), { ...server(row('cut')), lostBefore: true }, answer, client(query('b')), answer];
    expect(lines(commandsOf(...sent))).toEqual(['b: Q → CZ']);
  });

  it('an anchor begins afresh, whatever seemed pending', () => {
    expect(lines(commandsOf(client(query('a')), { ...client(query('b')), anchor: true } as Sent, answer))).toEqual([
      'b: Q → CZ',
    ]);
  });

  it('a loss nobody marked is noticed', () => {
    const bytes = server(row('a long value that is cut'), complete('SELECT 1'), ready()).bytes;
    const damaged: Sent = { side: 'server', bytes: Buffer.concat([bytes.subarray(0, 20), bytes.subarray(30)]) };
    const commands = commandsOf(client(query('a')), damaged, client(query('b')), answer, client(query('c')), answer);
    expect(lines(commands).at(-1)).toBe('c: Q → CZ');
  });

  it('a recording without state that begins between two questions', () => {
    expect(lines(decodeCommands(conversation([client(query('a')), answer])))).toEqual(['a: Q → CZ']);
    expect(
      lines(
        decodeCommands(
          conversation([
            client(bind([], 'unknown'), execute(), sync),
            server(bindComplete, complete('SELECT 0'), ready()),
          ]),
        ),
      ),
    ).toEqual(['(a statement prepared before the recording began): BE → 2C']);
  });

  it('encrypted bytes hold no commands', () => {
    const encrypted: Sent[] = [
      client({ kind: 'ssl' }),
      { side: 'server', bytes: Buffer.from('S') },
      { side: 'client', bytes: Buffer.from('Q\0\0\0\x05\0') },
    ];
    expect(decodeCommands(conversation(encrypted))).toEqual([]);
  });
});

describe('what the server told of itself', () => {
  it('is found in the handshake or in the stated state', () => {
    expect([...recordedParameters(conversation(handshake))]).toEqual([
      ['server_version', '18.0'],
      ['TimeZone', 'UTC'],
    ]);
    const state = [
      client(startup),
      server(authenticated, { kind: 'parameter-status', name: 'TimeZone', value: 'CET' }, ready()),
    ];
    expect(recordedParameters(conversation([], state)).get('TimeZone')).toBe('CET');
  });
});

describe('notifications', () => {
  const heard = (channel: string, payload: string) => ({ kind: 'notification', process: 9, channel, payload }) as const;
  const pushes = (commands: readonly Command[]): string[] =>
    commands.map(({ summary, pushed = [] }) =>
      [
        summary,
        ...pushed.map(({ at, bytes }) => {
          const message = decodeBackend(messageFrame(bytes));
          return message?.kind === 'notification' ? `${message.channel} ${message.payload} ${at}` : '?';
        }),
      ].join(' < '),
    );

  it('stand with the LISTEN of their channel, also when nothing is asked', () => {
    const commands = commandsOf(
      client(query('listen News; LISTEN "Jobs"')),
      server(complete('LISTEN'), complete('LISTEN'), ready()),
      client(query('select 1')),
      server(heard('news', 'within'), row('1'), complete('SELECT 1'), ready()),
      server(heard('Jobs', 'idle')),
    );
    expect(pushes(commands)).toEqual(['listen News; LISTEN "Jobs" < news within 60 < Jobs idle 70', 'select 1']);
  });

  it('of a prepared LISTEN', () => {
    const commands = commandsOf(
      client(parse('listen a', 's'), bind([], 's'), execute(), sync),
      server(parseComplete, bindComplete, complete('LISTEN'), ready()),
      client(query('select 1')),
      server(row('1'), complete('SELECT 1'), ready(), heard('a', 'x')),
    );
    expect(pushes(commands)).toEqual(['listen a < a x 60', 'select 1']);
  });

  it('whose LISTEN is older than the recording, with the command they follow', () => {
    const commands = commandsOf(
      client(query('select 1')),
      server(row('1'), complete('SELECT 1'), ready()),
      server(heard('a', 'x')),
    );
    expect(pushes(commands)).toEqual(['select 1 < a x 50']);
  });
});
