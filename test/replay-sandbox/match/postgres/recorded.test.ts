import { describe, expect, it } from 'vitest';
import { readRecorded } from '../../../../replay-sandbox/match/postgres/recorded.ts';
import { recorded } from '../../../support/postgres-commands.ts';
import {
  bind,
  bindComplete,
  client,
  column,
  columns,
  complete,
  describe as describeMessage,
  error,
  execute,
  flush,
  noData,
  parameterTypes,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  suspended,
  sync,
  type Sent,
} from '../../../support/postgres-wire.ts';

/** `reached: answer types`, with `…` for one that never ended. */
function read(...sent: readonly Sent[]): string[] {
  return readRecorded(recorded(sent)).map(({ reached, answer, complete: whole, columns: known }) => {
    const types = answer.map((bytes) => String.fromCharCode(bytes[0] ?? 0)).join('');
    return `${reached}: ${types}${whole ? '' : '…'}${known === undefined ? '' : ` (${known.map(({ name }) => name).join()})`}`;
  });
}

describe('recorded statements', () => {
  it('hold the answer without preparation and ReadyForQuery', () => {
    expect(
      read(
        client(parse('a'), bind([]), describeMessage('portal'), execute(), sync),
        server(parseComplete, bindComplete, columns(column('x')), row('1'), complete('SELECT 1'), ready()),
      ),
    ).toEqual(['execution: DC (x)']);
    expect(read(client(query('a')), server(columns(column('x')), row('1'), complete('SELECT 1'), ready()))).toEqual([
      'execution: TDC (x)',
    ]);
  });

  it('know how far they came', () => {
    expect(read(client(parse('a'), bind([]), execute(), sync), server(error('42601', 'no'), ready()))).toEqual([
      'parse: E',
    ]);
    expect(
      read(client(parse('a'), bind(['x']), execute(), sync), server(parseComplete, error('22P02', 'no'), ready())),
    ).toEqual(['bind: E']);
    expect(
      read(
        client(parse('a', 's'), describeMessage('statement', 's'), sync),
        server(parseComplete, parameterTypes(), noData, ready()),
      ),
    ).toEqual(['preparation: … ()']);
    expect(
      read(
        client(parse('a'), bind([]), execute(), sync),
        server(parseComplete, bindComplete, error('23505', 'no'), ready()),
      ),
    ).toEqual(['execution: E']);
  });

  it('know an answer that never ended', () => {
    expect(read(client(query('a')), server(columns(column('x')), row('1')))).toEqual(['execution: TD… (x)']);
    expect(read(client(query('a; b')), server(complete('A')))).toEqual(['execution: C…']);
    expect(read(client(query('a')), server(error('57P01', 'terminating connection')))).toEqual(['execution: E']);
  });

  it('join what a portal gave in parts', () => {
    const parts = [
      client(parse('a'), bind([]), execute('', 2), flush),
      server(parseComplete, bindComplete, row('1'), row('2'), suspended),
      client(execute('', 2), flush),
      server(row('3'), complete('SELECT 1')),
      client(sync),
      server(ready()),
    ];
    expect(read(...parts)).toEqual(['execution: DDDC']);
    expect(read(...parts, ...parts)).toEqual(['execution: DDDC', 'execution: DDDC']);
  });
});
