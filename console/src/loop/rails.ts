/** Lines that lead from a row up to its parent, past the rows between. */
import type { Row } from './tree.ts';

export interface Rails {
  /** For each level above its own, outermost first: whether a later row hangs there, so that the line goes on. */
  readonly through: readonly boolean[];
  /** Nothing hangs below it under the same parent. */
  readonly last: boolean;
}

/** Deeper rows are drawn at this level. */
const DEEPEST = 16;

export function railsOf(rows: readonly Row[]): readonly Rails[] {
  const open: boolean[] = [];
  return rows
    .toReversed()
    .map(({ depth: level }) => {
      const depth = Math.min(level, DEEPEST);
      const rails = {
        through: Array.from({ length: Math.max(0, depth - 1) }, (_, index) => open[index + 1] ?? false),
        last: !(open[depth] ?? false),
      };
      open.length = depth;
      open[depth] = true;
      return rails;
    })
    .toReversed();
}
