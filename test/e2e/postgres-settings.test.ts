// What a real server tells its client of changed parameters, and what the mock does: seen by pg, message by message.
import { once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordPostgres, replayPostgres, type Target } from '../support/postgres-replay.ts';
import { startPostgres, type RunningPostgres } from '../support/postgres.ts';

let real: RunningPostgres;

beforeAll(async () => {
  real = await startPostgres();
});

afterAll(async () => {
  await real.stop();
});

const STATEMENTS = [
  "set application_name = 'it''s me'",
  "set timezone to 'europe/berlin'",
  "SET TIME ZONE 'UTC'",
  'set time zone 2',
  'set time zone -7',
  'set timezone to default',
  "set names 'latin1'",
  "set client_encoding to 'utf-8'",
  'set datestyle to german',
  'set datestyle = iso',
  "set datestyle to 'SQL, DMY'",
  'set datestyle = iso, ymd',
  'reset datestyle',
  'set intervalstyle to ISO_8601',
  'set standard_conforming_strings = off',
  "set standard_conforming_strings to 'on'",
  'set search_path to Foo, "Bar", \'x y\', "$user"',
  'set search_path = public',
  'set work_mem = 65536',
  // What is taken back.
  'begin',
  "set application_name = 'inside'",
  'rollback',
  'begin',
  "set local application_name = 'local'",
  'savepoint here',
  "set timezone to 'Asia/Tokyo'",
  'rollback to here',
  'set intervalstyle to postgres',
  'commit',
  'begin',
  "set application_name = 'in vain'",
  'select 1/0',
  'rollback',
  "set application_name = 'together'; select 1/0",
  "set application_name = 'one'; set application_name = 'two'",
  "set local application_name = 'nothing'",
  'reset all',
  'set session characteristics as transaction isolation level serializable',
];

/** These cannot be answered without a recording. */
const FAILURES = ['select 1/0', "set application_name = 'together'; select 1/0"];

/** Each statement, with the parameters and errors that came before the next ReadyForQuery; the server has no order among several. */
async function told(target: Target, statements: readonly (string | pg.QueryConfig)[]): Promise<readonly string[]> {
  const { host, port, user, password, database } = target;
  const client = new pg.Client({ host, port, user, password, database, application_name: 'told' });
  await client.connect();
  let came: string[] = [];
  client.connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
    came.push(`${parameterName}: ${parameterValue}`);
  });
  const lines: string[] = [];
  for (const statement of statements) {
    const ready = once(client.connection, 'readyForQuery');
    await client.query(statement).catch((error: unknown) => came.push((error as pg.DatabaseError).code ?? ''));
    await ready;
    const text = typeof statement === 'string' ? statement : statement.text;
    lines.push([text, ...came.toSorted()].join(' | '));
    came = [];
  }
  await client.end();
  return lines;
}

describe('a client that sets parameters', () => {
  it('is told of them as by the real server, though nothing was recorded but another failure', async () => {
    const seen = await told(real, STATEMENTS);
    expect(seen).toContain("set timezone to 'europe/berlin' | TimeZone: Europe/Berlin");
    const { conversations } = await recordPostgres(real, (target) => told(target, FAILURES));
    const { result } = await replayPostgres(conversations, (target) => told(target, STATEMENTS));
    expect(result).toEqual(seen);
  });

  it('is told of them as they were recorded, on whichever connection', async () => {
    const statements = [...STATEMENTS, { name: 'later', text: "set application_name = 'prepared'" }];
    const recorded = await recordPostgres(real, (target) => told(target, statements));
    const { result, calls } = await replayPostgres(recorded.conversations, async (target) => [
      await told(target, statements.slice(-5)),
      await told(target, statements),
    ]);
    expect(result[1]).toEqual(recorded.result);
    expect(calls.filter(({ grade }) => grade === 'drifted' || grade === 'missed')).toEqual([]);
  });

  it('is told a value that only the recording knows', async () => {
    const statements = [{ text: "select set_config('application_name', $1, false)", values: ['by function'] }];
    const { result, conversations } = await recordPostgres(real, (target) => told(target, statements));
    expect(result[0]).toMatch(/ \| application_name: by function$/);
    expect((await replayPostgres(conversations, (target) => told(target, statements))).result).toEqual(result);
  });
});
