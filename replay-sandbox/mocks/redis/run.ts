import type { Backend, RespVersion } from '../../../src/wire/redis/backend.ts';
import { summarise } from '../../../src/wire/redis/language/summary.ts';
import { inVersion } from '../../../src/wire/redis/language/versions.ts';
import type { AnswerSource, Grade, Nearest } from '../../match/call.ts';
import type { Difference } from '../../match/difference.ts';
import type { Match } from '../../match/redis/matcher.ts';
import type { Question, RecordedCommand } from '../../match/redis/recorded.ts';

/** How a command was answered, for the call log. */
export interface CommandCall {
  readonly summary: string;
  readonly grade: Grade;
  readonly source?: AnswerSource;
  /** The recorded command that answered. */
  readonly exchange?: string;
  readonly explanation: readonly string[];
  readonly found?: readonly Difference[] | undefined;
  readonly nearest?: Nearest | undefined;
}

export function callOf({ args }: Question, grade: Grade, explanation: readonly string[] = []): CommandCall {
  return { summary: summarise({ args }), grade, explanation };
}

/** The call of a command that something recorded answered: itself, or one inside a transaction. */
export function answeredCall(
  asked: Question,
  match: Extract<Match, { readonly kind: 'answer' }>,
  by: RecordedCommand = match.recorded,
  note?: string,
): CommandCall {
  const { grade, explanation, recorded, found } = match;
  const { source } = recorded;
  const notes = note === undefined ? explanation : [...explanation, note];
  return { ...callOf(asked, grade, notes), source, exchange: by.command.id, found };
}

/** The recorded reply as this client expects it; a transaction's is a list of those of its commands. */
export function replyIn(
  { recorded }: Extract<Match, { readonly kind: 'answer' }>,
  asked: readonly Question[],
  version: RespVersion,
): Backend | undefined {
  const { reply, kind, question } = recorded;
  if (reply === undefined) return undefined;
  if (kind === 'command') return inVersion(reply, asked[0] ?? question, version);
  if (reply.kind !== 'array') return inVersion(reply, question, version);
  const items = reply.items.map((item, at) => {
    const inner = asked[at];
    return inner === undefined ? item : inVersion(item, inner, version);
  });
  return { kind: 'array', items };
}
