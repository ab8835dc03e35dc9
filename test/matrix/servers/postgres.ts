/** A real Postgres that writes down every statement. */
import pg from 'pg';
import { summariseSql } from '../../../src/wire/postgres/language/sql.ts';
import { startPostgres } from '../../support/postgres.ts';
import type { RunningPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import type { Logged, MatrixServer, ServerKind } from './server.ts';

/** Of the harness's own connections. */
const HARNESS = 'matrix-harness';

export const postgresServer: ServerKind = {
  transport: 'tcp',
  usualPort: 5432,
  canonical: (text) => summariseSql(text).replace(/;$/, ''),
  start,
};

/** Where a line begins, and what parts its fields: characters of no statement. */
const BEGIN = '\u001e';
const PART = '\u001f';

async function start(): Promise<MatrixServer> {
  let log = '';
  const server = await startPostgres(
    [`log_line_prefix = '${BEGIN}%c${PART}%a${PART}'`, 'log_statement = all', 'log_parameter_max_length = 0'],
    (text) => (log += text),
  );
  const version = await ask(server, 'show server_version');
  return {
    port: server.port,
    version: `PostgreSQL ${version}`,
    env: { PGUSER: server.user, PGPASSWORD: server.password, PGDATABASE: server.database },
    statements: async () => {
      // Backends write each for itself; what came before this was asked, was written before it.
      const marker = `mark ${String(process.hrtime.bigint())}`;
      await ask(server, `select '${marker}'`);
      await until(
        () => log,
        (text) => text.includes(marker),
      );
      return statementsIn(readLog(log).filter(({ application }) => application !== HARNESS));
    },
    stop: () => server.stop(),
  };
}

async function ask({ host, port, user, password, database }: RunningPostgres, sql: string): Promise<string> {
  const client = new pg.Client({ host, port, user, password, database, application_name: HARNESS });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, string>>(sql);
    return Object.values(rows[0] ?? {})[0] ?? '';
  } finally {
    await client.end();
  }
}

export interface LogLine {
  readonly connection: string;
  readonly application: string;
  /** `LOG`, `ERROR`, `STATEMENT` (which the complaint before it is about), … */
  readonly severity: string;
  readonly text: string;
}

/** Of a log with the prefix above; a line that goes on over several is one. */
export function readLog(log: string): readonly LogLine[] {
  return log.split(BEGIN).flatMap((entry) => {
    const [connection, application, said] = entry.split(PART);
    const [, severity, text] = /^(\w+): {2}(.*)$/s.exec(said?.trimEnd() ?? '') ?? [];
    if (connection === undefined || application === undefined || severity === undefined || text === undefined)
      return [];
    return [{ connection, application, severity, text: text.replaceAll('\n\t', '\n') }];
  });
}

const RAN = /^(?:statement|execute fetch from [^:]*|execute [^:]*): /;

/** A statement is logged when it runs, or, when it never came to that (it does not parse, a value does not fit), by its error. */
export function statementsIn(lines: readonly LogLine[]): readonly Logged[] {
  const last = new Map<string, string>();
  return lines.flatMap(({ connection, severity, text }) => {
    if (severity === 'LOG' && RAN.test(text)) {
      const ran = text.replace(RAN, '');
      last.set(connection, ran);
      return [{ connection, text: ran }];
    }
    if (severity !== 'STATEMENT') return [];
    const told = last.get(connection) === text;
    last.delete(connection);
    return told ? [] : [{ connection, text }];
  });
}
