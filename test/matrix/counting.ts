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

/** A call of the replay under the name of what answered it: the recorded command's summary, or its own. */
export interface Answered {
  readonly text: string;
  readonly grade: ReplayedCall['grade'];
  readonly source?: ReplayedCall['source'];
}

const SAME: readonly string[] = ['exact', 'normalised', 'synthesised'];

/** What was asked before the request came, is answered by what was asked before it in the recording: borrowed from that, not from another request. */
function isSame({ grade, source }: Answered): boolean {
  return SAME.includes(grade) || (grade === 'borrowed' && source === 'ambient');
}

/**
 * Statement by statement, by text: as often as the server ran it, the replay must have answered it as recorded. What a driver says once
 * per connection (by the server's log each connection that says it began with the same words, up to it; or all say it once; or each says it equally often, and the replay took it
 * for a matter of the session) is said less often by a smaller pool:
 * then each connection's is answered when all that were asked for were.
 */
export function countStatements(log: readonly Logged[], calls: readonly Answered[]): Counts {
  const asked = Map.groupBy(calls, ({ text }) => text);
  const ran = Map.groupBy(log, ({ text }) => text);
  let identical = 0;
  const remarks: string[] = [];
  for (const [text, lines] of ran) {
    const answered = asked.get(text) ?? [];
    const good = answered.filter(isSame).length;
    const isOfConnections = beginsConnections(text, log) || (answered.every(isOfSession) && isEven(lines));
    const perConnection = isOfConnections && good > 0 && good === answered.length;
    const share = perConnection ? lines : lines.slice(0, good);
    identical += messages(share);
    if (share.length < lines.length)
      remarks.push(`${lines.length} × in the server's log, ${good} × answered as recorded: ${text.slice(0, 200)}`);
  }
  for (const [text, extra] of asked)
    if (!ran.has(text)) remarks.push(`${extra.length} × in the replay, not in the server's log: ${text.slice(0, 200)}`);
  const graded = (grade: string): number => calls.filter((call) => call.grade === grade).length;
  return { statements: messages(log), identical, drifted: graded('drifted'), missed: graded('missed'), remarks };
}

function messages(lines: readonly Logged[]): number {
  return lines.reduce((sum, line) => sum + (line.messages ?? 1), 0);
}

/** Answered by what is known of sessions, not by a command of the request. */
function isOfSession({ grade, source }: Answered): boolean {
  return grade === 'synthesised' || source === 'ambient';
}

function isEven(lines: readonly Logged[]): boolean {
  const counts = [...Map.groupBy(lines, ({ connection }) => connection).values()].map(({ length }) => length);
  return counts.length > 1 && new Set(counts).size === 1;
}

/** True when all connections say it once, or each of those that say it, several, began with the same words up to the last time they say it. */
function beginsConnections(text: string, log: readonly Logged[]): boolean {
  const said = [...Map.groupBy(log, ({ connection }) => connection).values()].map((lines) =>
    lines.map((line) => line.text),
  );
  if (said.length > 1 && said.every((texts) => texts.filter((other) => other === text).length === 1)) return true;
  const beginnings = said
    .filter((texts) => texts.includes(text))
    .map((texts) => texts.slice(0, texts.lastIndexOf(text) + 1).join('\0'));
  return beginnings.length > 1 && new Set(beginnings).size === 1;
}
