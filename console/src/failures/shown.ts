/** A list that may change while it is read: rows keep their places, what is new waits until it is asked for. */
export interface Shown<Row> {
  readonly rows: readonly Row[];
  /** Not shown yet. */
  readonly waiting: readonly Row[];
}

export const NOTHING_SHOWN: Shown<never> = { rows: [], waiting: [] };

/**
 * What is known after `news`: rows that are shown are told anew in their places; others wait. `reading` false: all are put in order, as
 * nobody would lose their place.
 */
export function withNews<Row>(
  shown: Shown<Row>,
  news: readonly Row[],
  how: Ordering<Row>,
  reading: boolean,
): Shown<Row> {
  const fresh = new Map(news.map((row) => [how.keyOf(row), row]));
  const told = (row: Row): Row => {
    const key = how.keyOf(row);
    const newer = fresh.get(key);
    fresh.delete(key);
    return newer ?? row;
  };
  const rows = shown.rows.map(told);
  const waiting = [...shown.waiting.map(told), ...fresh.values()];
  return reading ? { rows, waiting } : inOrder({ rows, waiting }, how);
}

export interface Ordering<Row> {
  readonly keyOf: (row: Row) => string;
  /** The greater stands first. */
  readonly rank: (row: Row) => number;
}

/** Everything that is known, none waiting. */
export function inOrder<Row>({ rows, waiting }: Shown<Row>, { rank }: Ordering<Row>): Shown<Row> {
  return { rows: [...rows, ...waiting].toSorted((one, other) => rank(other) - rank(one)), waiting: [] };
}

export function without<Row>({ rows, waiting }: Shown<Row>, key: string, { keyOf }: Ordering<Row>): Shown<Row> {
  const stays = (row: Row): boolean => keyOf(row) !== key;
  return { rows: rows.filter(stays), waiting: waiting.filter(stays) };
}
