/**
 * Where a recorded failure of a peer was passed by: something of its kind was asked, and answered as another was. Whether the service was
 * mended, or only asked with another random number, that run alone does not tell.
 */
import type { Exchange } from '../../src/domain/exchange.ts';
import { methodOf, pathOf, statusOf } from '../../src/domain/exchange.ts';
import { grpcStatusOf } from '../../src/domain/grpc.ts';
import { foldPath } from '../../src/domain/route.ts';
import { sourcesBefore } from '../compare/sources.ts';
import type { ReplayedCall } from '../match/call.ts';
import type { CommandAnswer } from '../match/command.ts';
import type { Difference } from '../match/difference.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import { isComputed } from './computed.ts';

/** One recorded failure that was passed by. */
export interface Doubt {
  readonly id: string;
  readonly peer: string;
  /** `GET /prices/*`, `INSERT INTO quotes` */
  readonly what: string;
  /** It was given as well: what came after it, a retry for example, was answered otherwise. */
  readonly given: boolean;
}

interface Recorded {
  readonly id: string;
  readonly peer: string;
  readonly what: string;
  readonly failed: boolean;
  readonly source: HttpAnswer['source'];
}

export function isErrorHttp({ exchange }: Pick<HttpAnswer, 'exchange'>): boolean {
  const { response } = exchange;
  if (response === undefined) return false;
  return (statusOf(exchange) ?? 0) >= 400 || (grpcStatusOf(response) ?? 0) !== 0;
}

export function doubtsOf(plans: readonly ReplayPlan[], calls: readonly ReplayedCall[]): readonly Doubt[] {
  const all = plans.flatMap(recordedOf);
  const known = new Map(all.map((one) => [placeOf(one), one]));
  const failed = all.filter(isOwnFailure);
  const given = failuresGiven(plans, calls);
  const failures = new Set(failed.map(placeOf));
  const others = calls.flatMap((call) => {
    const answer = known.get(placeOf({ id: call.exchange ?? '', source: call.source }));
    return call.matters && isOther(call) && answer !== undefined && !failures.has(placeOf(answer))
      ? [keyOf(answer)]
      : [];
  });
  const passed = new Set(others);
  return failed
    .filter((one) => passed.has(keyOf(one)))
    .map(({ id, peer, what }) => ({ id, peer, what, given: given.has(id) }));
}

/** Recorded failures of a service's own calls that it was given, by their ids. */
export function failuresGiven(plans: readonly ReplayPlan[], calls: readonly ReplayedCall[]): ReadonlySet<string> {
  const failed = new Set(
    plans
      .flatMap(recordedOf)
      .filter(isOwnFailure)
      .map(({ id }) => id),
  );
  return new Set(
    calls.flatMap((call) => (isOwn(call) && failed.has(call.exchange ?? '') ? (call.exchange ?? '') : [])),
  );
}

function isOwn({ source }: { readonly source?: HttpAnswer['source'] | undefined }): boolean {
  return source === 'loop' || source === 'candidate';
}

/** Of the loop itself, or of others: recorders of old count their streams alike. */
function placeOf({ id, source }: { readonly id: string; readonly source?: HttpAnswer['source'] | undefined }): string {
  return `${isOwn({ source }) ? 'own' : 'other'} ${id}`;
}

/** What was given to another question than its own. */
function isOther({ grade, source }: ReplayedCall): boolean {
  if (grade === 'drifted' || grade === 'borrowed') return true;
  return grade === 'normalised' && source === 'candidate';
}

/** The recording at its worst: its failures answer whoever asks the like, and no good transaction answers in their place. */
export function atItsWorst(plan: ReplayPlan): ReplayPlan {
  const failing = new Set(recordedOf(plan).filter(isOwnFailure).map(keyOf));
  const stays = (one: Recorded): boolean => isOwn(one) || one.source === 'ambient' || !failing.has(keyOf(one));
  return {
    ...plan,
    http: plan.http.filter((answer) => stays(ofHttp(answer))),
    commands: plan.commands.filter((answer) => stays(ofCommand(answer))),
  };
}

/**
 * `calls`: of the run at its worst. True when every value in which the failing question differs is one that the service computed: then the same
 * code would have asked the same again, and got the recorded failure.
 */
export function isAskedAnew(doubt: Doubt, plans: readonly ReplayPlan[], calls: readonly ReplayedCall[]): boolean {
  const found =
    calls.find((call) => call.exchange === doubt.id && isOwn(call))?.found?.filter(({ noise }) => !noise) ?? [];
  if (doubt.given || found.length === 0) return false;
  const inputs = plans.flatMap((plan) => sourcesBefore(plan, startOf(plan, doubt.id))).map(({ value }) => value);
  return found.every((one: Difference) => isComputed(one, inputs));
}

/** A service sees what it was given before it asked. */
function startOf({ http, commands }: ReplayPlan, id: string): number {
  const exchange = http.find((answer) => String(answer.exchange.id) === id)?.exchange;
  return (exchange ?? commands.find(({ command }) => command.id === id)?.command)?.startedAt ?? 0;
}

function isOwnFailure({ failed, source }: Recorded): boolean {
  return failed && isOwn({ source });
}

function recordedOf({ http, commands }: ReplayPlan): readonly Recorded[] {
  return [...http.map(ofHttp), ...commands.map(ofCommand)];
}

function ofHttp(answer: HttpAnswer): Recorded {
  const { exchange, source } = answer;
  const { id, peer, response } = exchange;
  const failed = response?.complete !== true || isErrorHttp(answer);
  return { id: String(id), peer: peer.name, what: kindOf(exchange), failed, source };
}

function ofCommand({ command, source }: CommandAnswer): Recorded {
  const { id, peer, summary, error } = command;
  return { id, peer: peer.name, what: firstWords(summary), failed: error !== undefined, source };
}

function kindOf(exchange: Exchange): string {
  return `${methodOf(exchange)} ${foldPath(pathOf(exchange))}`;
}

/** `INSERT INTO quotes`, `SELECT`, `GET`. */
function firstWords(summary: string): string {
  return summary.split(/[\s(]+/, /^(?:INSERT|DELETE)\b/i.test(summary) ? 3 : 1).join(' ');
}

function keyOf({ peer, what }: Pick<Recorded, 'peer' | 'what'>): string {
  return `${peer} ${what}`;
}
