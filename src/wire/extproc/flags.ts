/** The attribute `response.flags`: a bit mask. */
import { FLAG_NAMES } from '../../domain/flags.ts';

/** Bits a double holds exactly. */
const MAX_BITS = 53;

/** Short names in bit order. A bit this version does not know is named by its index, as `bit30`; what is no mask gives none. */
export function flagNames(mask: number): readonly string[] {
  if (!Number.isSafeInteger(mask) || mask <= 0) return [];
  const names: string[] = [];
  for (let index = 0; index < MAX_BITS; index++) {
    if (Math.floor(mask / 2 ** index) % 2 === 1) names.push(FLAG_NAMES[index] ?? `bit${index}`);
  }
  return names;
}
