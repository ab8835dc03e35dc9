/** How much flows between two sets of values, and how rare it is among those who might have had it. */
import type { Values } from './value.ts';
import { specificity } from './value.ts';

export interface Flowing {
  /** 0 nothing, 1 something that is nowhere else. */
  readonly weight: number;
  /** How much more there is than one telling value, 0..1. */
  readonly more: number;
  /** Names of the weightiest values, weightiest first. */
  readonly names: readonly string[];
}

export const NOTHING: Flowing = { weight: 0, more: 0, names: [] };

/** Values by what is known at a moment: the name a value goes by, or undefined. */
export interface Knowledge {
  get(value: string): string | undefined;
}

/** What of the values was not known before. */
export function besides(known: Knowledge, values: Values): Knowledge {
  return { get: (value) => (known.get(value) === undefined ? values.get(value) : undefined) };
}

/** How rare a value is: 1 when one alone has it, 0 when all have. */
export type Rarity = (value: string) => number;

/** `least`: a smaller crowd is taken for one of so many. */
export function rarityAmong(crowd: readonly Knowledge[], least: number): Rarity {
  const known = new Map<string, number>();
  const others = Math.max(crowd.length, least) - 1;
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const count = crowd.reduce((sum, one) => sum + Number(one.get(value) !== undefined), 0);
    const rarity = others <= 0 ? 1 : Math.max(0, 1 - Math.max(0, count - 1) / others);
    known.set(value, rarity);
    return rarity;
  };
}

/** Values like `eur` or `1` are in half of all messages: they must not add up to certainty. */
const WORTH_NAMING = 0.15;
const NAMES = 3;
/** What a value tells at most, and what one telling value adds up to. */
const MOST = 0.97;
const ONE = -Math.log(1 - MOST);
/** Below, a value counts for nothing. */
const NOISE = 0.02;

/**
 * Values that are in both. Each counts by how specific it is and how rare (squared: what half of all have decides nothing); several count
 * together as independent hints do.
 */
export function flowing(from: Knowledge, to: Values, rarity: Rarity): Flowing {
  const found: { readonly name: string; readonly weight: number }[] = [];
  for (const [value, name] of to) {
    const source = from.get(value);
    if (source === undefined) continue;
    const weight = specificity(value) * rarity(value) ** 2 * (source === name ? 1 : 0.9);
    if (weight > NOISE) found.push({ name: nameOf(name, source), weight });
  }
  if (found.length === 0) return NOTHING;
  found.sort((one, other) => other.weight - one.weight || (one.name < other.name ? -1 : 1));
  const missed = found.slice(0, 8).reduce((rest, { weight }) => rest * (1 - Math.min(MOST, weight)), 1);
  const names = found.filter(({ weight }) => weight >= WORTH_NAMING).map(({ name }) => name);
  const more = Math.min(1, Math.max(0, -Math.log(missed) / ONE - 1));
  return { weight: 1 - missed, more, names: [...new Set(names)].slice(0, NAMES) };
}

/** A path segment or a parameter of a statement has no name of its own: then the other's. */
function nameOf(name: string, source: string): string {
  return /^(?:path|body|sql|row|field)/.test(name) ? source : name;
}
