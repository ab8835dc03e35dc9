/** How much flows between two sets of values, and how rare it is among those who might have had it. */
import type { Values } from './value.ts';
import { specificity } from './value.ts';

export interface Flowing {
  /** 0 nothing, 1 something that is nowhere else. */
  readonly weight: number;
  /** Names of the weightiest values, weightiest first. */
  readonly names: readonly string[];
}

export const NOTHING: Flowing = { weight: 0, names: [] };

/** How many of a crowd know a value. */
export class Census {
  readonly #counts = new Map<string, number>();
  readonly #size: number;

  constructor(crowd: readonly Values[]) {
    this.#size = crowd.length;
    for (const values of crowd) for (const value of values.keys()) this.#counts.set(value, this.count(value) + 1);
  }

  count(value: string): number {
    return this.#counts.get(value) ?? 0;
  }

  /** 1 when one alone has it, 0 when all have; `least`: a smaller crowd is taken for one of so many. */
  rarity(value: string, least: number): number {
    const others = Math.max(this.#size, least) - 1;
    return others <= 0 ? 1 : Math.max(0, 1 - Math.max(0, this.count(value) - 1) / others);
  }
}

/** Values like `eur` or `1` are in half of all messages: they must not add up to certainty. */
const WORTH_NAMING = 0.15;
const NAMES = 3;

/**
 * Values that are in both. Each counts by how specific it is and how rare among callers and among calls (squared: what half of them have
 * decides nothing); several count together as independent hints do.
 */
export function flowing(from: Values, to: Values, callers: Census, calls: Census): Flowing {
  const found: { readonly name: string; readonly weight: number }[] = [];
  for (const [value, name] of to) {
    const source = from.get(value);
    if (source === undefined) continue;
    const rarity = callers.rarity(value, 4) * calls.rarity(value, 12);
    const weight = specificity(value) * rarity ** 2 * (source === name ? 1 : 0.9);
    if (weight > 0.02) found.push({ name: nameOf(name, source), weight });
  }
  if (found.length === 0) return NOTHING;
  found.sort((one, other) => other.weight - one.weight || (one.name < other.name ? -1 : 1));
  const missed = found.slice(0, 8).reduce((rest, { weight }) => rest * (1 - Math.min(0.97, weight)), 1);
  const names = found.filter(({ weight }) => weight >= WORTH_NAMING).map(({ name }) => name);
  return { weight: 1 - missed, names: [...new Set(names)].slice(0, NAMES) };
}

/** A path segment or a parameter of a statement has no name of its own: then the other's. */
function nameOf(name: string, source: string): string {
  return /^(?:path|body|sql|row|field)/.test(name) ? source : name;
}
