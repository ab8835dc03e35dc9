import { identifier, splitStatements } from './sql.ts';

/** The channels that a query listens to from then on, as the server names them. */
export function listensIn(sql: string): readonly string[] {
  // Most queries are none, and may be long.
  if (!/\blisten\b/i.test(sql)) return [];
  return splitStatements(sql).flatMap((statement) => {
    const name = /^LISTEN\s+(.+)$/i.exec(statement)?.[1];
    return name === undefined ? [] : [identifier(name)];
  });
}
