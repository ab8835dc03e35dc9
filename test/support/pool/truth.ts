/** Which statements were whose: by the marks in the server's own log, and the ledger that says what they mean. Nobody else knows either. */
import { readFileSync } from 'node:fs';

const MARK = /mark-[0-9a-f]{18}/;

export interface Logged {
  /** The server's process, one per connection. */
  readonly process: string;
  readonly statement: string;
}

/** What makes Postgres log every statement, a line each with its process in front; further lines of one begin with a tab. */
export const LOG_STATEMENTS = ["log_statement = 'all'", "log_line_prefix = '%p|'"];

/** Statements as the server ran them, oldest first. `log`: all that it wrote. */
export function readLog(log: string): readonly Logged[] {
  return log
    .replaceAll('\n\t', ' ')
    .split('\n')
    .flatMap((line) => {
      const [, process, statement] = /^(\d+)\|LOG:  (?:statement|execute [^:]+): (.*)$/.exec(line) ?? [];
      return process === undefined || statement === undefined ? [] : [{ process, statement }];
    });
}

/** Order by mark. */
export function readLedger(file: string): ReadonlyMap<string, string> {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const { mark, order } = JSON.parse(line) as { readonly mark: string; readonly order: string };
      return [mark, order];
    }),
  );
}

/**
 * Whose each statement of one connection was, in the order in which they ran. One without a mark (it is prepared once) is of the transaction
 * block it stands in.
 */
export function ownersOf(statements: readonly string[], ledger: ReadonlyMap<string, string>): readonly string[] {
  let block = '';
  return statements.map((statement) => {
    const order = ledger.get(MARK.exec(statement)?.[0] ?? '');
    if (order !== undefined) block = order;
    return order ?? block;
  });
}
