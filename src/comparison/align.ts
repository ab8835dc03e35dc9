/** Two lists of texts, of which one has something put in or taken out. */
import { LIMITS } from './limits.ts';

/** Places, counted from 0; undefined: none on that side. */
export interface Row {
  readonly left?: number;
  readonly right?: number;
}

/**
 * Equal ones beside each other, as many as there can be; what lies between two of them by order. Beyond LIMITS.cells what lies between the equal
 * begin and the equal end is told by order alone, so that the work stays bounded.
 */
export function align(left: readonly string[], right: readonly string[]): readonly Row[] {
  const least = Math.min(left.length, right.length);
  let head = 0;
  while (head < least && left[head] === right[head]) head += 1;
  let tail = 0;
  while (tail < least - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  const between = middle(left.slice(head, left.length - tail), right.slice(head, right.length - tail));
  return [
    ...Array.from({ length: head }, (_, at) => ({ left: at, right: at })),
    ...between.map((row) => shifted(row, head)),
    ...Array.from({ length: tail }, (_, at) => ({ left: left.length - tail + at, right: right.length - tail + at })),
  ];
}

function middle(left: readonly string[], right: readonly string[]): readonly Row[] {
  if (left.length * right.length > LIMITS.cells) return byOrder(0, left.length, 0, right.length);
  const table = longest(left, right);
  const width = right.length + 1;
  const rows: Row[] = [];
  let [i, j, fromLeft, fromRight] = [0, 0, 0, 0];
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      rows.push(...byOrder(fromLeft, i, fromRight, j), { left: i, right: j });
      [i, j] = [i + 1, j + 1];
      [fromLeft, fromRight] = [i, j];
    } else if ((table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return [...rows, ...byOrder(fromLeft, left.length, fromRight, right.length)];
}

/** Length of the longest common subsequence from each place on. */
function longest(left: readonly string[], right: readonly string[]): Uint32Array {
  const width = right.length + 1;
  const table = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const here = i * width + j;
      table[here] =
        left[i] === right[j]
          ? (table[here + width + 1] ?? 0) + 1
          : Math.max(table[here + width] ?? 0, table[here + 1] ?? 0);
    }
  }
  return table;
}

function byOrder(left: number, leftEnd: number, right: number, rightEnd: number): readonly Row[] {
  const length = Math.max(leftEnd - left, rightEnd - right);
  return Array.from({ length }, (_, at) => ({
    ...(left + at < leftEnd && { left: left + at }),
    ...(right + at < rightEnd && { right: right + at }),
  }));
}

function shifted({ left, right }: Row, by: number): Row {
  return { ...(left !== undefined && { left: left + by }), ...(right !== undefined && { right: right + by }) };
}
