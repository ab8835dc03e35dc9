/** Which item of one list stands for which of the other. */

export interface Paired<Item> {
  readonly left?: Item;
  readonly right?: Item;
}

/** What an item has in common with its counterpart; `side` where that depends on what was paired before. Undefined: nothing. */
export type Key<Item> = (item: Item, side: 'left' | 'right') => string | undefined;

/**
 * By the first key first, then what is left by the next one; among equals by order. Whatever is left at the end stands alone. Time grows with
 * the number of items.
 */
export function pairUp<Item>(
  lefts: readonly Item[],
  rights: readonly Item[],
  keys: readonly Key<Item>[],
): readonly Paired<Item>[] {
  const found = new Map<Item, Item>();
  const taken = new Set<Item>();
  for (const key of keys) {
    const open = rights.filter((right) => !taken.has(right));
    const byKey = Map.groupBy(open, (right) => key(right, 'right'));
    byKey.delete(undefined);
    const next = new Map<string, number>();
    for (const left of lefts) {
      const name = found.has(left) ? undefined : key(left, 'left');
      if (name === undefined) continue;
      const at = next.get(name) ?? 0;
      const right = byKey.get(name)?.[at];
      if (right === undefined) continue;
      next.set(name, at + 1);
      found.set(left, right);
      taken.add(right);
    }
  }
  return [
    ...lefts.map((left) => ({ left, ...(found.has(left) && { right: found.get(left) as Item }) })),
    ...rights.filter((right) => !taken.has(right)).map((right) => ({ right })),
  ];
}
