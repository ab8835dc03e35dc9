/** What of the server's own log the replay answered as recorded. Pure. */
import type { ReplayedCall } from '../../replay-sandbox/match/call.ts';
import type { Logged } from './servers/server.ts';

export interface Counts {
  readonly statements: number;
  readonly identical: number;
  readonly drifted: number;
  readonly missed: number;
  readonly remarks: readonly string[];
}

const SAME: readonly string[] = ['exact', 'normalised', 'synthesised'];

/**
 * Statement by statement, by text: as often as the server ran it, the replay must have answered it as recorded. What a driver says once
 * per connection (the server's log shows it equally often on each connection that says it) is said less often by a smaller pool:
 * then each connection's is answered when all that were asked for were.
 */
export function countStatements(
  log: readonly Logged[],
  calls: readonly Pick<ReplayedCall, 'summary' | 'grade'>[],
): Counts {
  const asked = group(calls, ({ summary }) => textOf(summary));
  const ran = group(log, ({ text }) => textOf(text));
  let identical = 0;
  const remarks: string[] = [];
  for (const [text, lines] of ran) {
    const answered = asked.get(text) ?? [];
    const good = answered.filter(({ grade }) => SAME.includes(grade)).length;
    const perConnection = oncePerConnection(lines) && good > 0 && good === answered.length;
    const share = perConnection ? lines.length : Math.min(good, lines.length);
    identical += share;
    if (share < lines.length)
      remarks.push(`${lines.length} × in the server's log, ${good} × answered as recorded: ${text.slice(0, 200)}`);
  }
  for (const [text, extra] of asked)
    if (!ran.has(text)) remarks.push(`${extra.length} × in the replay, not in the server's log: ${text.slice(0, 200)}`);
  const graded = (grade: string): number => calls.filter((call) => call.grade === grade).length;
  return { statements: log.length, identical, drifted: graded('drifted'), missed: graded('missed'), remarks };
}

/** The log of a server may fold white space. */
function textOf(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/;\s*$/, '').trim();
}

function oncePerConnection(lines: readonly Logged[]): boolean {
  const perConnection = [...group(lines, ({ connection }) => connection).values()].map(({ length }) => length);
  return perConnection.length > 1 && perConnection.every((count) => count === perConnection[0]);
}

function group<Item>(items: readonly Item[], key: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  return Map.groupBy(items, key);
}
