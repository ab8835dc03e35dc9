/** Who made a call that carries no context: a distribution over those who could have. */
import type { Exchange } from '../../domain/exchange.ts';
import { methodOf, pathOf } from '../../domain/exchange.ts';
import type { StreamId } from '../../domain/ids.ts';
import { foldPath } from '../../domain/route.ts';
import type { Features } from './features.ts';
import { featuresOf, hasFailed } from './features.ts';
import { Census, flowing, NOTHING } from './flowing.ts';
import type { Flowing } from './flowing.ts';
import type { Known, Scene } from './scene.ts';
import { answeredAt, couldHaveMade, Reading, sameInstance } from './scene.ts';
import { Trees } from './trees.ts';
import { logOdds, NOBODY, PROOF, TAKEN, UNPROVEN } from './weights.ts';
import { evidenceOf } from './evidence.ts';

/** One candidate of one call. */
export interface Placement {
  readonly child: StreamId;
  readonly parent: StreamId;
  /** Probability that the parent made the call, 0..1. */
  readonly confidence: number;
  /** For people, weightiest first: `order_id`, `answered right behind it`. */
  readonly evidence: readonly string[];
}

/** What was looked at for one candidate; the fit of the weights reads it. */
export interface Weighed {
  readonly caller: Exchange;
  readonly features: Features;
  readonly given: Flowing;
  readonly returned: Flowing;
}

/** So many calls without context, of so large a share, make a service one that loses it. */
const KNOWN_CALLS = 8;
const KNOWN_SHARE = 0.8;

/** Exchanges that began something and hang under nothing: outbound ones without a parent. */
export function orphansOf({ exchanges, links }: Pick<Scene, 'exchanges' | 'links'>): readonly Exchange[] {
  const placed = new Set(links.map(({ child }) => child));
  return exchanges.filter(({ id, vantage }) => vantage.direction === 'outbound' && !placed.has(id));
}

/** For every orphan of the scene its candidates, best first; none for one that nobody could have made. */
export function decide(scene: Scene): readonly (readonly Placement[])[] {
  return weigh(scene).map(({ call, weighed }) => distribution(call, weighed, scene.known));
}

export interface WeighedCall {
  readonly call: Exchange;
  readonly weighed: readonly Weighed[];
}

/**
 * Calls in the order in which they began, because what one was answered may be what the next one asks with; twice, because the second
 * time it is known who else was asked.
 */
export function weigh(scene: Scene): readonly WeighedCall[] {
  const reading = new Reading();
  const orphans = orphansOf(scene).toSorted((one, other) => one.startedAt - other.startedAt);
  const callers = scene.exchanges.filter(({ vantage }) => vantage.direction === 'inbound');
  const trees = new Trees(scene, reading);
  const calls = new Census(orphans.map((orphan) => reading.asked(orphan)));
  const answers = new Census(orphans.map((orphan) => reading.answered(orphan)));
  let weighed: readonly WeighedCall[] = [];
  for (const last of [false, true]) {
    weighed = orphans.map((call) => {
      const of = { call, callers, trees, reading, calls, answers };
      const candidates = weighCall(of);
      trees.place(call, last ? undefined : best(call, candidates, scene.known));
      return { call, weighed: candidates };
    });
  }
  return weighed;
}

interface Call {
  readonly call: Exchange;
  readonly callers: readonly Exchange[];
  readonly trees: Trees;
  readonly reading: Reading;
  readonly calls: Census;
  readonly answers: Census;
}

function weighCall({ call, callers, trees, reading, calls, answers }: Call): readonly Weighed[] {
  const there = callers.filter((caller) => sameInstance(caller, call));
  const candidates = there.filter(
    (caller) => couldHaveMade(caller, call.startedAt) && !trees.isUnder(caller.id, call.id),
  );
  if (candidates.length === 0) return [];
  const census = new Census(there.map((caller) => trees.knew(caller, call)));
  const told = new Census(there.map((caller) => reading.answered(caller)));
  const ending = { ...call, failed: hasFailed(call) };
  return candidates.map((caller) => {
    const knew = trees.knew(caller, call);
    const given = flowing(knew, reading.asked(call), census, calls);
    const returned = returnedTo(caller, call, { knew, told, answers, reading });
    const timeline = trees.timeline(caller, call);
    const only = candidates.length === 1;
    return { caller, given, returned, features: featuresOf({ caller, call: ending, given, returned, timeline, only }) };
  });
}

interface Returned {
  readonly knew: ReadonlyMap<string, string>;
  readonly told: Census;
  readonly answers: Census;
  readonly reading: Reading;
}

/** What the caller knew before the call, the call has not told it. */
function returnedTo(caller: Exchange, call: Exchange, { knew, told, answers, reading }: Returned): Flowing {
  if (answeredAt(caller) < call.endedAt - 1) return NOTHING;
  const fresh = new Map([...reading.answered(call)].filter(([value]) => !knew.has(value)));
  return flowing(fresh, reading.answered(caller), told, answers);
}

function distribution(call: Exchange, weighed: readonly Weighed[], known: Known): readonly Placement[] {
  const odds = weighed.map(({ features }) => Math.exp(logOdds(features)));
  const all = odds.reduce((sum, one) => sum + one, Math.exp(nobody(call, known)));
  return weighed
    .map((one, index) => {
      const probability = (odds[index] ?? 0) / all;
      const confidence = isProven(one, call, known) ? probability : Math.min(probability, UNPROVEN);
      return {
        child: call.id,
        parent: one.caller.id,
        confidence: Math.round(confidence * 100) / 100,
        evidence: evidenceOf(one, losesContext(call, known)),
      };
    })
    .toSorted((one, other) => other.confidence - one.confidence || (one.parent < other.parent ? -1 : 1));
}

function best(call: Exchange, weighed: readonly Weighed[], known: Known): StreamId | undefined {
  const [first] = distribution(call, weighed, known);
  return first !== undefined && first.confidence >= TAKEN ? first.parent : undefined;
}

function isProven({ given, returned, features }: Weighed, call: Exchange, known: Known): boolean {
  if (Math.max(given.weight, returned.weight) >= PROOF) return true;
  return losesContext(call, known) && known.gapless && features.open === 1 && !known.lonely.has(call.id);
}

function losesContext({ vantage }: Exchange, { services }: Known): boolean {
  const { carried = 0, dropped = 0 } = services[vantage.service] ?? {};
  return dropped >= KNOWN_CALLS && dropped / (carried + dropped) >= KNOWN_SHARE;
}

function nobody(call: Exchange, known: Known): number {
  const { carried = 0, dropped = 0 } = known.services[call.vantage.service] ?? {};
  const propagates = carried >= KNOWN_CALLS && carried / (carried + dropped) >= 0.98;
  return (
    NOBODY.always +
    (known.lonely.has(call.id) ? NOBODY.lonely : 0) +
    (propagates ? NOBODY.propagates : 0) +
    (losesContext(call, known) ? NOBODY.drops : 0)
  );
}

/** Calls of one kind: of them each request mostly makes as many. */
export function kindOf(call: Exchange): string {
  return `${methodOf(call)} ${call.peer.name} ${foldPath(pathOf(call))}`;
}
