import { describe, expect, it } from 'vitest';
import { decodeCommands } from '../../../../src/wire/postgres/commands.ts';
import { createPostgresTracker } from '../../../../src/wire/postgres/tracker.ts';
import {
  bind,
  bindComplete,
  client,
  column,
  columns,
  complete,
  conversation,
  describe as describeMessage,
  execute,
  flush,
  handshake,
  noData,
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
import { lent, takeBack } from '../../../support/lent.ts';

/** True for every chunk that can be decoded from. */
function anchors(sent: readonly Sent[], tracker = createPostgresTracker()): boolean[] {
  return sent.map(({ side, bytes }) => {
    const chunk = lent(bytes);
    const anchor = tracker.bytes(side, chunk);
    takeBack(chunk);
    return anchor;
  });
}

const prepare = [
  client(parse('select name from item where id = $1', 'get-item'), describeMessage('statement', 'get-item'), sync),
  server(parseComplete, parameterTypes(23), columns(column('name')), ready()),
];
const run = [
  client(bind(['7'], 'get-item'), execute(), sync),
  server(bindComplete, row('bolt'), complete('SELECT 1'), ready()),
];

describe('anchors', () => {
  it('stand where nothing is pending', () => {
    expect(anchors([...handshake, ...prepare, ...run])).toEqual([true, false, false, true, false, true, false]);
  });

  it('do not stand inside a message', () => {
    const [question, answer] = [client(query('select 1')).bytes, server(complete('SELECT 1'), ready()).bytes];
    const parts: Sent[] = [
      { side: 'client', bytes: question.subarray(0, 3) },
      { side: 'client', bytes: question.subarray(3) },
      { side: 'server', bytes: answer.subarray(0, -1) },
      { side: 'server', bytes: answer.subarray(-1) },
      { side: 'client', bytes: question },
    ];
    expect(anchors([...handshake, ...parts]).slice(3)).toEqual([true, false, false, false, true]);
  });

  it('do not stand between a Flush and the Sync', () => {
    expect(
      anchors([
        ...handshake,
        client(bind([]), execute('', 1), flush),
        server(bindComplete, suspended),
        client(execute(), sync),
      ]).slice(3),
    ).toEqual([true, false, false]);
  });

  it('are never seen in an encrypted connection, which has no state either', () => {
    const tracker = createPostgresTracker();
    const encrypted: Sent[] = [
      client({ kind: 'ssl' }),
      { side: 'server', bytes: Buffer.from('S') },
      { side: 'client', bytes: Buffer.alloc(200) },
    ];
    expect(anchors(encrypted, tracker)).toEqual([true, false, false]);
    expect(tracker.state()).toEqual([]);
  });

  it('are given up where a quarter of a million questions wait, and come back behind a ReadyForQuery', () => {
    const tracker = createPostgresTracker();
    const many = Buffer.concat(Array.from({ length: 262_144 }, () => client(query('')).bytes));
    anchors(handshake, tracker);
    expect(anchors([{ side: 'client', bytes: many }, client(query(''))], tracker)).toEqual([true, false]);
    expect(anchors([server(complete('SELECT 1'), ready()), client(query('select 1'))], tracker)).toEqual([false, true]);
  });

  it('come back after a gap, behind the next ReadyForQuery', () => {
    const tracker = createPostgresTracker();
    anchors([...handshake, ...prepare, client(query('select 1'))], tracker);
    tracker.gap();
    expect(
      anchors(
        [
          server(row('1')),
          server(complete('SELECT 1'), ready()),
          client(query('select 2')),
          server(complete('SELECT 1'), ready()),
        ],
        tracker,
      ),
    ).toEqual([false, false, true, false]);
    expect(tracker.state().length).toBeGreaterThan(4);
  });

  it('survive nonsense', () => {
    expect(
      anchors([
        { side: 'client', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n') },
        { side: 'server', bytes: Buffer.from('HTTP/1.1 200\r\n') },
      ]),
    ).toEqual([true, false]);
  });
});

describe('state', () => {
  function stateAfter(...sent: readonly Sent[]): readonly Sent[] {
    const tracker = createPostgresTracker();
    anchors([...handshake, ...sent], tracker);
    return tracker.state();
  }

  it('leads a codec to where the connection is: a statement prepared before is known', () => {
    const state = stateAfter(...prepare, ...run);
    const [command, ...more] = decodeCommands(conversation(run, state));
    expect(more).toEqual([]);
    expect(command).toMatchObject({ summary: 'select name from item where id = $1', rows: 1 });
  });

  it('leads a tracker there too', () => {
    const state = stateAfter(...prepare);
    const second = createPostgresTracker();
    anchors(state, second);
    expect(second.state()).toEqual(state);
  });

  it('holds start-up and parameters, and neither password nor cancel key', () => {
    const tracker = createPostgresTracker();
    const asked = server({ kind: 'authentication', code: 3, data: new Uint8Array(0) });
    anchors(
      [client(startup), asked, client({ kind: 'password', data: Buffer.from('hunter2\0') }), ...handshake.slice(1)],
      tracker,
    );
    const bytes = Buffer.concat(tracker.state().map((chunk) => chunk.bytes));
    expect(bytes.includes('TimeZone')).toBe(true);
    expect(bytes.includes('hunter2')).toBe(false);
    expect(bytes.includes('cancel-key')).toBe(false);
  });

  it('holds the portals of an open transaction, and forgets them with it', () => {
    const open = [
      client(parse('select 1'), bind([], '', 'cursor'), execute('cursor', 1), sync),
      server(parseComplete, bindComplete, row('1'), suspended, ready('T')),
    ];
    const rest = [client(execute('cursor'), sync), server(row('2'), complete('SELECT 1'), ready('T'))];
    expect(decodeCommands(conversation(rest, stateAfter(...open)))).toMatchObject([{ summary: 'select 1', rows: 1 }]);
    const ended = [client(query('commit')), server(complete('COMMIT'), ready('I'))];
    expect(stateAfter(...open, ...ended).length).toBeLessThan(stateAfter(...open).length);
  });

  it('is bounded: what was not used for longest goes first', () => {
    const many = Array.from({ length: 40 }, (_, index) => [
      client(parse(`select ${'x'.repeat(10_000)}`, `s${index}`), sync),
      server(parseComplete, ready()),
      client(bind([], 's0'), describeMessage('portal'), execute(), sync),
      server(bindComplete, noData, complete('SELECT 0'), ready()),
    ]).flat();
    const bytes = Buffer.concat(stateAfter(...many).map((chunk) => chunk.bytes));
    expect(bytes.length).toBeLessThan(270_000);
    expect(bytes.includes('s0\0select')).toBe(true);
    expect(bytes.includes('s1\0select')).toBe(false);
    expect(bytes.includes('s39\0select')).toBe(true);
  });
});
