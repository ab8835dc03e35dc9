/** Where a transaction block begins and ends. https://www.postgresql.org/docs/current/sql-begin.html */
import type { Command } from '../../../domain/conversation.ts';

const OPENS = /^(?:begin|start\s+transaction)\b/i;
/** `ROLLBACK TO` a savepoint stays inside, and so does `AND CHAIN`, which begins the next block at once. */
const CLOSES = /^(?:commit|end|abort|rollback)\b(?!.*\band\s+chain\b)(?!\s+(?:(?:work|transaction)\s+)?to\b)/i;

/** What a statement, or the last of several that says anything about it, leaves behind. */
export function blockChange({ summary, error }: Command): 'opens' | 'closes' | undefined {
  // A COMMIT that fails (a deferred constraint) ends its block all the same.
  const changes = summary.split(';').flatMap((text) => {
    const statement = text.trim();
    if (CLOSES.test(statement)) return ['closes' as const];
    return OPENS.test(statement) && error === undefined ? ['opens' as const] : [];
  });
  return changes.at(-1);
}
