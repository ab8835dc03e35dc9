/** Which services of the cascade run, which of them takes the trigger, and where they call each other. Pure. */
import type { Exchange } from '../../src/domain/exchange.ts';
import type { Transaction } from '../../src/domain/transaction.ts';
import { childrenOf, parentOf } from '../../src/domain/transaction.ts';
import { triggerOf } from '../../src/verdict/origin.ts';
import { ReplayError } from '../error.ts';
import type { Recording, ReplayPlan } from './plan.ts';
import { planOf, planReplay } from './plan.ts';

/** A name by which one running service calls another. */
export interface Door {
  readonly from: string;
  readonly name: string;
  readonly port: number;
  readonly to: string;
}

export interface CastPlan {
  /** The first takes the trigger. */
  readonly plans: readonly [ReplayPlan, ...(readonly ReplayPlan[])];
  readonly doors: readonly Door[];
}

const HTTP_PORT = 80;

/**
 * `services`: those that run; none: the origin's. Throws ReplayError `no-trigger`, or `not-reached` for one that none of the others calls,
 * with what to add.
 */
export function planCast(recording: Recording, services: readonly string[]): CastPlan {
  const cast = new Set(services);
  if (cast.size < 2) {
    const [service] = cast;
    return { plans: [planReplay(recording, service === undefined ? {} : { service })], doors: [] };
  }
  const { transaction } = recording;
  const top = topOf(recording, cast);
  const reached = reachedFrom(transaction, top, cast);
  const missing = services.find((service) => !reached.some(({ vantage }) => vantage.service === service));
  if (missing !== undefined) throw notReached(transaction, missing, cast, top.vantage.service);
  const planned = [...cast]
    .filter((service) => service !== top.vantage.service)
    .map((service) => planWithin(recording, reached, service));
  return { plans: [planWithin(recording, reached, top.vantage.service), ...planned], doors: doorsOf(recording, cast) };
}

/** `whatIf` is a person's, of the answers that were shown: those of the service that takes the trigger. `edit` is of every plan, and comes after it. */
export function editedCast(
  { plans: [lead, ...others], doors }: CastPlan,
  { whatIf = same, edit = same }: { readonly whatIf?: PlanEdit | undefined; readonly edit?: PlanEdit | undefined },
): CastPlan {
  return { plans: [edit(whatIf(lead)), ...others.map(edit)], doors };
}

type PlanEdit = (plan: ReplayPlan) => ReplayPlan;
const same: PlanEdit = (plan) => plan;

function planWithin(recording: Recording, reached: readonly Exchange[], service: string): ReplayPlan {
  const [first, ...more] = reached.filter(({ vantage }) => vantage.service === service);
  if (first === undefined) throw new Error(`${service} is reached by nobody`);
  return planOf(recording, first, [first, ...more]);
}

/** The highest of them above the origin; else the first that nobody of them calls. */
function topOf({ transaction, origin }: Recording, cast: ReadonlySet<string>): Exchange {
  const suggested = origin && triggerOf(transaction, origin);
  const above = suggested === undefined ? [] : [suggested, ...ancestors(transaction, suggested)];
  const tops = transaction.exchanges.filter(
    (exchange) => playable(exchange, cast) && !ancestors(transaction, exchange).some((other) => playable(other, cast)),
  );
  const widest = tops.toSorted((one, other) => reach(transaction, other, cast) - reach(transaction, one, cast))[0];
  const top = above.findLast((exchange) => playable(exchange, cast)) ?? widest;
  if (top !== undefined) return top;
  throw noTrigger(transaction, [...cast].join('" or "'));
}

function playable({ vantage, request }: Exchange, cast: ReadonlySet<string>): boolean {
  return vantage.direction === 'inbound' && request !== undefined && cast.has(vantage.service);
}

/** From the nearest on. */
function ancestors(transaction: Transaction, exchange: Exchange): readonly Exchange[] {
  const above: Exchange[] = [];
  for (let at = parentOf(transaction, exchange.id); at !== undefined; at = parentOf(transaction, at.id)) above.push(at);
  return above;
}

function reach(transaction: Transaction, top: Exchange, cast: ReadonlySet<string>): number {
  return new Set(reachedFrom(transaction, top, cast).map(({ vantage }) => vantage.service)).size;
}

/** What of the running services is asked once the top is, in recorded order of each: what a mocked service calls never is. */
function reachedFrom(transaction: Transaction, top: Exchange, cast: ReadonlySet<string>): readonly Exchange[] {
  const reached: Exchange[] = [];
  const visit = (exchange: Exchange): void => {
    const inbound = exchange.vantage.direction === 'inbound';
    if (inbound && !cast.has(exchange.vantage.service)) return;
    if (inbound) reached.push(exchange);
    childrenOf(transaction, exchange.id).forEach(visit);
  };
  visit(top);
  return reached;
}

function doorsOf(recording: Recording, cast: ReadonlySet<string>): readonly Door[] {
  const all = [recording.transaction, ...recording.ambient, ...recording.exemplars];
  const doors = all.flatMap((transaction) =>
    transaction.exchanges.flatMap((call) => doorsOfCall(transaction, call, cast)),
  );
  // What was seen to lead somewhere comes first, and counts.
  return [...new Map(doors.toReversed().map((door) => [`${door.from} ${door.name}:${door.port}`, door])).values()];
}

function doorsOfCall(transaction: Transaction, call: Exchange, cast: ReadonlySet<string>): readonly Door[] {
  const { vantage, peer } = call;
  if (vantage.direction !== 'outbound' || !cast.has(vantage.service)) return [];
  const [child] = childrenOf(transaction, call.id).filter((exchange) => exchange.vantage.direction === 'inbound');
  const to = child?.vantage.service ?? [...cast].find((service) => named(peer.name, service));
  if (to === undefined || to === vantage.service || !cast.has(to)) return [];
  return [{ from: vantage.service, name: peer.name, port: peer.port ?? HTTP_PORT, to }];
}

/** `pricing`, `pricing.shop` and `pricing.shop.svc.cluster.local` all name the service `pricing`. */
function named(name: string, service: string): boolean {
  return name === service || name.startsWith(`${service}.`);
}

function notReached(transaction: Transaction, service: string, cast: ReadonlySet<string>, top: string): ReplayError {
  const asked = transaction.exchanges.filter(
    ({ vantage }) => vantage.service === service && vantage.direction === 'inbound',
  );
  if (asked.length === 0) return noTrigger(transaction, service);
  const ways = asked.map((exchange) => between(transaction, exchange, cast));
  const [way] = ways.filter((one) => one !== undefined).toSorted((one, other) => one.length - other.length);
  if (way === undefined || way.length === 0)
    return new ReplayError(
      'not-reached',
      `In the recording nothing that "${top}" does leads to "${service}".`,
      `Replay it by itself: --service ${service}`,
    );
  const mocked = way.map((name) => `"${name}"`).join(', ');
  return new ReplayError(
    'not-reached',
    `"${service}" is called by ${mocked}, which would be answered from the recording: that call would never happen.`,
    `Run ${way.length === 1 ? 'it' : 'them'} too: ${way.map((name) => `--service ${name}="<command>"`).join(' ')}`,
  );
}

/** Mocked services between it and the next one above it that runs; undefined when there is none. */
function between(
  transaction: Transaction,
  exchange: Exchange,
  cast: ReadonlySet<string>,
): readonly string[] | undefined {
  const above = ancestors(transaction, exchange).filter(({ vantage }) => vantage.direction === 'inbound');
  const next = above.findIndex(
    ({ vantage }) => cast.has(vantage.service) && vantage.service !== exchange.vantage.service,
  );
  if (next < 0) return undefined;
  return [...new Set(above.slice(0, next).map(({ vantage }) => vantage.service))].toReversed();
}

function noTrigger({ exchanges }: Transaction, service: string): ReplayError {
  const names = new Set(
    exchanges.filter(({ vantage }) => vantage.direction === 'inbound').map(({ vantage }) => vantage.service),
  );
  return new ReplayError(
    'no-trigger',
    `The recording holds no request to "${service}".`,
    names.size === 0 ? 'It holds no inbound exchange at all.' : `It holds requests to ${[...names].join(', ')}.`,
  );
}
