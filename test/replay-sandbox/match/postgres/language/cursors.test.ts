import { describe, expect, it } from 'vitest';
import {
  forwardStep,
  recordedCursors,
  type Step,
} from '../../../../../replay-sandbox/match/postgres/language/cursors.ts';
import { readRecorded } from '../../../../../replay-sandbox/match/postgres/recorded.ts';
import { decodeBackend, type Backend } from '../../../../../src/wire/postgres/backend.ts';
import { decodeCommands } from '../../../../../src/wire/postgres/commands.ts';
import { messageFrame } from '../../../../../src/wire/postgres/framing.ts';
import {
  client,
  column,
  columns,
  complete,
  conversation,
  handshake,
  query,
  ready,
  row,
  server,
} from '../../../../support/postgres-wire.ts';

describe('a step forward', () => {
  it.each([
    ['FETCH c', 'FETCH c 1'],
    ['fetch next from c', 'FETCH c 1'],
    ['FETCH 10 IN "My ""C"""', 'FETCH My "C" 10'],
    ['FETCH FORWARD 3 FROM C', 'FETCH c 3'],
    ['FETCH FORWARD c', 'FETCH c 1'],
    ['MOVE ALL IN c', 'MOVE c Infinity'],
    ['FETCH FORWARD ALL FROM c', 'FETCH c Infinity'],
  ])('%s', (sql, shown) => {
    const { verb, name, count } = forwardStep(sql) ?? { verb: '', name: '', count: 0 };
    expect(`${verb} ${name} ${count}`).toBe(shown);
  });

  it('is none of these', () => {
    for (const sql of ['FETCH PRIOR FROM c', 'FETCH -1 FROM c', 'FETCH ABSOLUTE 2 c', 'CLOSE c', 'SELECT 1', ''])
      expect(forwardStep(sql)).toBeUndefined();
  });
});

/** A cursor over rows named 1, 2, …, of which these steps were recorded; each with the rows that came or were gone over. */
function recording(...steps: readonly (readonly [sql: string, rows: number])[]) {
  let at = 0;
  const fetched = ([sql, rows]: readonly [string, number]) => {
    const came = Array.from({ length: rows }, () => row(String((at += 1))));
    const said: readonly Backend[] = sql.startsWith('MOVE') ? [] : [columns(column('n')), ...came];
    return [client(query(sql)), server(...said, complete(`${sql.split(' ')[0]} ${rows}`), ready('T'))];
  };
  const sent = [
    ...handshake,
    client(query('DECLARE c CURSOR FOR SELECT n FROM numbers')),
    server(complete('DECLARE CURSOR'), ready('T')),
    ...steps.flatMap(fetched),
  ];
  const commands = decodeCommands(conversation(sent)).map((command) => ({ command, source: 'loop' as const }));
  const candidates = readRecorded(commands).map((statement) => ({ recorded: statement, served: 0, lent: 0 }));
  const [cursor] = recordedCursors(candidates).values();
  if (cursor === undefined) throw new Error('no cursor');
  return cursor;
}

const fetch = (count: number): Step => ({ verb: 'FETCH', name: 'c', count });

function words(found: ReturnType<ReturnType<typeof recording>['cut']>): string | undefined {
  return found?.statement.answer
    .map((bytes) => decodeBackend(messageFrame(bytes)))
    .map((message) => {
      if (message?.kind === 'data-row') return Buffer.from(message.values[0] ?? []).toString();
      return message?.kind === 'command-complete' ? message.tag : message?.kind;
    })
    .join(' ');
}

describe('what was recorded of a cursor', () => {
  const cursor = recording(['FETCH 2 FROM c', 2], ['FETCH 2 FROM c', 2], ['FETCH 2 FROM c', 1]);

  it('has its steps at their places', () => {
    expect([0, 1, 2].map((at) => cursor.same(at, fetch(2))?.moved)).toEqual([2, undefined, 2]);
    expect(cursor.columns?.map(({ name }) => name)).toEqual(['n']);
  });

  it('is fetched in other parts', () => {
    expect(words(cursor.cut(0, fetch(3)))).toBe('row-description 1 2 3 FETCH 3');
    expect(words(cursor.cut(3, fetch(1)))).toBe('row-description 4 FETCH 1');
    expect(cursor.cut(1, fetch(2))?.of).toHaveLength(2);
  });

  it('ends where the recorded one ended', () => {
    expect(words(cursor.cut(3, fetch(Infinity)))).toBe('row-description 4 5 FETCH 2');
    expect(words(cursor.cut(5, fetch(9)))).toBe('row-description FETCH 0');
  });

  it('does not go beyond what it holds', () => {
    const open = recording(['FETCH 2 FROM c', 2]);
    expect(open.cut(1, fetch(2))).toBeUndefined();
    expect(words(open.cut(1, fetch(1)))).toBe('row-description 2 FETCH 1');
  });

  it('has no rows where it was only moved', () => {
    const moved = recording(['MOVE 2 IN c', 2], ['FETCH 1 FROM c', 0]);
    expect(moved.cut(0, fetch(1))).toBeUndefined();
    expect(words(moved.cut(0, { ...fetch(1), verb: 'MOVE' }))).toBe('MOVE 1');
  });
});
