/** Which rows are seen when some are folded up, and where the arrow keys lead. */
import type { Row } from './tree.ts';

export function seenRows(rows: readonly Row[], folded: ReadonlySet<string>): readonly Row[] {
  const seen: Row[] = [];
  let hiddenBelow = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (row.depth > hiddenBelow) continue;
    hiddenBelow = folded.has(row.id) ? row.depth : Number.POSITIVE_INFINITY;
    seen.push(row);
  }
  return seen;
}

/** Ids of the rows that something hangs under. */
export function foldable(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(rows.flatMap(({ parent }) => (parent === undefined ? [] : [parent])));
}

export type Move =
  | { readonly kind: 'focus'; readonly id: string }
  | { readonly kind: 'fold' | 'unfold' | 'open'; readonly id: string };

/** As a tree is used: https://www.w3.org/WAI/ARIA/apg/patterns/treeview/. Undefined for a key that means nothing here. */
export function moveOf(
  key: string,
  at: string,
  seen: readonly Row[],
  folded: ReadonlySet<string>,
  parents: ReadonlySet<string>,
): Move | undefined {
  const index = seen.findIndex(({ id }) => id === at);
  const row = seen[index];
  if (row === undefined) return undefined;
  switch (key) {
    case 'ArrowDown':
      return focus(seen[index + 1]);
    case 'ArrowUp':
      return focus(seen[index - 1]);
    case 'Home':
      return focus(seen[0]);
    case 'End':
      return focus(seen.at(-1));
    case 'ArrowRight':
      if (!parents.has(at)) return undefined;
      return folded.has(at) ? { kind: 'unfold', id: at } : focus(seen[index + 1]);
    case 'ArrowLeft':
      if (parents.has(at) && !folded.has(at)) return { kind: 'fold', id: at };
      return focus(seen.find(({ id }) => id === row.parent));
    case 'Enter':
    case ' ':
      return { kind: 'open', id: at };
    default:
      return undefined;
  }
}

function focus(row: Row | undefined): Move | undefined {
  return row && { kind: 'focus', id: row.id };
}
