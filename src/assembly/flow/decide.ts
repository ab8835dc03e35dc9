/** Who made a call that carries no context: a distribution over those who could have. */
import type { Exchange } from '../../domain/exchange.ts';
import type { StreamId } from '../../domain/ids.ts';
import { evidenceOf } from './evidence.ts';
import type { Known, Scene } from './scene.ts';
import type { Weighed, WeighedCall } from './weighing.ts';
import { weigh } from './weighing.ts';
import { CLEAR, logOdds, NOBODY, PROOF, UNPROVEN } from './weights.ts';

/** One candidate of one call. */
export interface Placement {
  readonly child: StreamId;
  readonly parent: StreamId;
  /** Probability that the parent made the call, 0..1. */
  readonly confidence: number;
  /** For people, weightiest first: `order_id`, `answered right behind it`. */
  readonly evidence: readonly string[];
}

/** So many calls without context, of so large a share, make a service one that loses it. */
const KNOWN_CALLS = 8;
const KNOWN_SHARE = 0.8;
const PASSES_ON = 0.98;

/** For every orphan of the scene its candidates, best first; none for one that nobody could have made. */
export function decide(scene: Scene): readonly (readonly Placement[])[] {
  const { known } = scene;
  return weigh(scene, (call) => distribution(call, known)[0]).map((call) => distribution(call, known));
}

function distribution({ call, weighed }: WeighedCall, known: Known): readonly Placement[] {
  const odds = weighed.map(({ features }) => Math.exp(logOdds(features)));
  const all = odds.reduce((sum, one) => sum + one, Math.exp(nobody(call, known)));
  const loses = losesContext(call, known);
  return weighed
    .map((one, index) => {
      const probability = (odds[index] ?? 0) / all;
      const proven =
        isProven(one) || (isPlausible(one, probability) && loses && known.gapless && !known.lonely.has(call.id));
      return {
        child: call.id,
        parent: one.caller.id,
        confidence: Math.round((proven ? probability : Math.min(probability, UNPROVEN)) * 100) / 100,
        evidence: evidenceOf(one, loses),
      };
    })
    .toSorted((one, other) => other.confidence - one.confidence || (one.parent < other.parent ? -1 : 1));
}

function isProven({ given, returned }: Weighed): boolean {
  return Math.max(given.weight, returned.weight) >= PROOF;
}

/** By time alone only what is clear; a failure that just one candidate shares is more than time. */
function isPlausible({ features: { open, failed } }: Weighed, probability: number): boolean {
  return open === 1 && (failed === 1 || probability >= CLEAR);
}

function losesContext({ vantage }: Exchange, { services }: Known): boolean {
  const { carried = 0, dropped = 0 } = services[vantage.service] ?? {};
  return dropped >= KNOWN_CALLS && dropped / (carried + dropped) >= KNOWN_SHARE;
}

function nobody(call: Exchange, known: Known): number {
  const { carried = 0, dropped = 0 } = known.services[call.vantage.service] ?? {};
  const passesOn = carried >= KNOWN_CALLS && carried / (carried + dropped) >= PASSES_ON;
  return (
    NOBODY.always +
    (known.lonely.has(call.id) ? NOBODY.lonely : 0) +
    (passesOn ? NOBODY.passesOn : 0) +
    (losesContext(call, known) ? NOBODY.loses : 0)
  );
}
