/** The answers of a plan with a number each, and the plan with some of them changed. The recording itself is never touched. */
import { methodOf, pathOf, statusOf } from '../../src/domain/exchange.ts';
import { ReplayError } from '../error.ts';
import type { CommandAnswer } from '../match/command.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import type { Change } from './change.ts';
import { changedCommand, changedHttp } from './values.ts';

export interface ListedAnswer {
  readonly number: number;
  /** `http pricing:8080 GET /prices/7`. */
  readonly line: string;
  /** `200`, `2 rows`, an error. */
  readonly answered: string;
  readonly id: string;
}

/** In the order of their times; those of the failed transaction only. */
export function listAnswers({ http, commands }: ReplayPlan): readonly ListedAnswer[] {
  const all = [...http.filter(isOwn).map(ofHttp), ...commands.filter(isOwn).map(ofCommand)];
  return all
    .toSorted((one, other) => one.at - other.at)
    .map(({ at: _at, ...answer }, index) => ({ ...answer, number: index + 1 }));
}

function isOwn({ source }: Pick<HttpAnswer, 'source'>): boolean {
  return source === 'loop' || source === 'candidate';
}

function ofHttp({ exchange }: HttpAnswer) {
  const port = exchange.peer.port === undefined ? '' : `:${exchange.peer.port}`;
  return {
    at: exchange.startedAt,
    id: String(exchange.id),
    line: `http ${exchange.peer.name}${port} ${methodOf(exchange)} ${pathOf(exchange)}`,
    answered: String(statusOf(exchange) ?? 'no answer'),
  };
}

function ofCommand({ command }: CommandAnswer) {
  const { protocol, peer, summary, error, rows, startedAt, id } = command;
  const answered =
    error === undefined ? (rows === undefined ? 'ok' : `${rows} rows`) : `${error.code} ${error.message}`;
  return { at: startedAt, id, line: `${protocol} ${peer.name} ${summary}`, answered };
}

/** Which answers a change is about. Throws ReplayError `bad-config` when there is none. */
export function answersOf(plan: ReplayPlan, change: Change): readonly ListedAnswer[] {
  const listed = listAnswers(plan);
  const number = /^\d+$/.test(change.answer) ? Number(change.answer) : undefined;
  const words = change.answer.replaceAll('…', ' ').toLowerCase().split(/\s+/).filter(Boolean);
  const found = listed.filter((answer) =>
    number === undefined ? words.every((word) => answer.line.toLowerCase().includes(word)) : answer.number === number,
  );
  if (found.length > 0) return found;
  throw new ReplayError(
    'bad-config',
    `No recorded answer is "${change.answer}".`,
    `loopctl edit <id> --list shows the ${listed.length} there are.`,
  );
}

/** Changes as one edit of a plan, the later ones over the earlier. Throws ReplayError `bad-config` for what does not fit an answer. */
export function editedBy(changes: readonly Change[]): (plan: ReplayPlan) => ReplayPlan {
  return (plan) =>
    changes.reduce((so, change) => applied(so, change, new Set(answersOf(plan, change).map(({ id }) => id))), plan);
}

function applied(plan: ReplayPlan, change: Change, ids: ReadonlySet<string>): ReplayPlan {
  return {
    ...plan,
    http: plan.http.map((answer) => (ids.has(String(answer.exchange.id)) ? changedHttp(answer, change) : answer)),
    commands: plan.commands.map((answer) => (ids.has(answer.command.id) ? changedCommand(answer, change) : answer)),
  };
}
