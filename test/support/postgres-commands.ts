/** Recorded commands as tests write them down: SQL, values, rows. */
import type { AnswerSource } from '../../replay-sandbox/match/call.ts';
import type { CommandAnswer } from '../../replay-sandbox/match/command.ts';
import { decodeCommands } from '../../src/wire/postgres/commands.ts';
import type { Backend } from '../../src/wire/postgres/backend.ts';
import { parseRecorderId, streamId } from '../../src/domain/ids.ts';
import {
  bind,
  bindComplete,
  client,
  column,
  columns,
  complete,
  conversation,
  describe,
  execute,
  handshake,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  sync,
  type Sent,
} from './postgres-wire.ts';

/** The commands of one recorded connection; `connection` numbers it. */
export function recorded(
  sent: readonly Sent[],
  connection = 1,
  source: AnswerSource = 'loop',
): readonly CommandAnswer[] {
  const recorder = parseRecorderId('00000000000000aa');
  if (recorder === undefined) throw new Error('not a recorder id');
  const commands = decodeCommands({ ...conversation([...handshake, ...sent]), id: streamId(recorder, connection) });
  return commands.map((command) => ({ command, source }));
}

/** A statement with parameters that gave these rows of one text column. */
export function ran(
  sql: string,
  values: readonly (string | null)[],
  rows: readonly string[],
  types: readonly number[] = [],
): readonly Sent[] {
  return [
    client(parse(sql, '', types), bind(values), describe('portal'), execute(), sync),
    server(
      parseComplete,
      bindComplete,
      columns(column('value')),
      ...rows.map((value) => row(value)),
      complete(`SELECT ${rows.length}`),
      ready(),
    ),
  ];
}

/** A simple query and its answer up to ReadyForQuery. */
export function queried(sql: string, ...answer: readonly Backend[]): readonly Sent[] {
  return [client(query(sql)), server(...answer, ready())];
}
