/** The cascade as rows: exchanges under the call that made them, commands under the exchange they were made for, holes where they are. */
import type { AttemptView, CommandView, ExchangeView, FlowView, LoopView } from '../../../src/seal/view-schema.ts';

type Conversation = LoopView['conversations'][number];
export type Failure = LoopView['failures'][number];

interface Place {
  /** Unique in the loop; stands in the URL. */
  readonly id: string;
  readonly depth: number;
  /** Row it hangs under. */
  readonly parent?: string;
  /** Unix ms. */
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface ExchangeRow extends Place {
  readonly kind: 'exchange';
  readonly exchange: ExchangeView;
  readonly failure?: Failure;
}

export interface CommandRow extends Place {
  readonly kind: 'command';
  readonly command: CommandView;
  /** A rule of one's own called it the failure. */
  readonly decided: boolean;
}

export interface AttemptRow extends Place {
  readonly kind: 'attempt';
  readonly attempt: AttemptView;
  readonly exchange: ExchangeView;
}

/** A database that could not be reached. */
export interface RefusedRow extends Place {
  readonly kind: 'refused';
  readonly conversation: Conversation;
}

export interface HoleRow extends Place {
  readonly kind: 'hole';
  readonly what: string;
}

export type Row = ExchangeRow | CommandRow | AttemptRow | RefusedRow | HoleRow;

/** A link that is a guess, and by what. */
export function inferredBy(row: Row): { readonly flow?: FlowView } | undefined {
  if (row.kind === 'exchange' && row.exchange.parent?.confidence === 'inferred') return flowOf(row.exchange.parent);
  if (row.kind === 'command' && row.command.attribution === 'candidate') return flowOf(row.command);
  return undefined;
}

function flowOf({ flow }: { readonly flow?: FlowView }): { readonly flow?: FlowView } {
  return flow === undefined ? {} : { flow };
}

/** In order of the picture. Every exchange and command of the view is in it once, whatever its links say. */
export function rowsOf(view: LoopView): readonly Row[] {
  const inside = childrenByParent(view);
  const known = new Set(view.exchanges.map(({ id }) => id));
  const failures = new Map(view.failures.map((failure) => [failure.exchange, failure]));
  const rows: Row[] = [];
  const seen = new Set<string>();
  const walk = (first: Row): void => {
    const stack = [first];
    for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
      if (seen.has(row.id)) continue;
      seen.add(row.id);
      rows.push(row);
      stack.push(...under(row, inside.get(row.id) ?? [], view, failures).toReversed());
    }
  };
  const isRoot = ({ parent }: ExchangeView): boolean => parent === undefined || !known.has(parent.exchange);
  for (const root of view.exchanges.filter(isRoot)) walk(exchangeRow(root, 0, undefined, failures));
  // Links that close a circle have no root.
  for (const left of view.exchanges) if (!seen.has(left.id)) walk(exchangeRow(left, 0, undefined, failures));
  const placed = new Set(rows.map(({ id }) => id));
  return [...rows, ...rootless(view, placed)];
}

interface Inside {
  readonly at: number;
  readonly row: (depth: number, failures: ReadonlyMap<string, Failure>) => Row;
}

function childrenByParent(view: LoopView): ReadonlyMap<string, readonly Inside[]> {
  const inside = new Map<string, Inside[]>();
  const add = (parent: string, one: Inside): void => {
    const among = inside.get(parent);
    if (among === undefined) inside.set(parent, [one]);
    else among.push(one);
  };
  for (const exchange of view.exchanges) {
    const parent = exchange.parent?.exchange;
    if (parent !== undefined)
      add(parent, { at: exchange.startedAt, row: (depth, failures) => exchangeRow(exchange, depth, parent, failures) });
  }
  const decided = new Set(view.failures.flatMap(({ command }) => (command === undefined ? [] : [command.id])));
  for (const command of view.commands)
    add(command.exchange, {
      at: command.startedAt,
      row: (depth) => commandRow(command, depth, command.exchange, decided.has(command.id)),
    });
  return inside;
}

/** By time; tries and holes of its own first. */
function under(
  row: Row,
  inside: readonly Inside[],
  view: LoopView,
  failures: ReadonlyMap<string, Failure>,
): readonly Row[] {
  if (row.kind !== 'exchange') return [];
  const { exchange, depth } = row;
  const place = { depth: depth + 1, parent: row.id };
  const attempts = (exchange.attempts ?? []).map((attempt): Row => {
    const { id, startedAt, endedAt } = attempt;
    return { kind: 'attempt', id: `attempt-${id}`, ...place, startedAt, endedAt, attempt, exchange };
  });
  const said = view.holes.filter(({ where }) => where === exchange.id).map(({ what }) => what);
  const lost = exchange.gaps.map(
    ({ side, bytes, reason }) => `${bytes} bytes of the ${side === 'client' ? 'request' : 'answer'} (${reason})`,
  );
  const holes = [...new Set([...said, ...(said.length > 0 ? [] : lost)])].map((what, index): Row => {
    const { startedAt, endedAt } = exchange;
    return { kind: 'hole', id: `hole-${exchange.id}-${index}`, ...place, startedAt, endedAt, what };
  });
  const others = inside.toSorted((one, other) => one.at - other.at).map((one) => one.row(depth + 1, failures));
  return [...attempts, ...holes, ...others];
}

/** Commands of no exchange that is here, databases that refused, and holes of the whole. */
function rootless(view: LoopView, placed: ReadonlySet<string>): readonly Row[] {
  const commands = view.commands.filter(({ id }) => !placed.has(id)).map((one) => commandRow(one, 0, undefined, false));
  const refused = view.conversations.flatMap((conversation): Row[] => {
    const { id, startedAt, endedAt } = conversation;
    return conversation.refused === undefined
      ? []
      : [{ kind: 'refused', id, depth: 0, startedAt, endedAt, conversation }];
  });
  const holes = view.holes.flatMap(({ where, what }, index): Row[] => {
    if (view.exchanges.some(({ id }) => id === where)) return [];
    const { startedAt, endedAt } = spanOf(view);
    return [{ kind: 'hole', id: `hole-${index}`, depth: 0, startedAt, endedAt, what }];
  });
  return [...commands, ...refused, ...holes];
}

function exchangeRow(
  exchange: ExchangeView,
  depth: number,
  parent: string | undefined,
  failures: ReadonlyMap<string, Failure>,
): ExchangeRow {
  const { id, startedAt, endedAt } = exchange;
  const failure = failures.get(id);
  const up = parent === undefined ? {} : { parent };
  return {
    kind: 'exchange',
    id,
    depth,
    ...up,
    startedAt,
    endedAt,
    exchange,
    ...(failure !== undefined && { failure }),
  };
}

function commandRow(command: CommandView, depth: number, parent: string | undefined, decided: boolean): CommandRow {
  const { id, startedAt, endedAt } = command;
  return { kind: 'command', id, depth, ...(parent !== undefined && { parent }), startedAt, endedAt, command, decided };
}

/** From the first beginning to the last end. */
export function spanOf({ exchanges, commands, conversations }: LoopView): {
  readonly startedAt: number;
  readonly endedAt: number;
} {
  const all = [...exchanges, ...commands, ...conversations.filter(({ refused }) => refused !== undefined)];
  const startedAt = all.reduce((least, one) => Math.min(least, one.startedAt), Number.POSITIVE_INFINITY);
  const endedAt = all.reduce((most, one) => Math.max(most, one.endedAt), Number.NEGATIVE_INFINITY);
  return all.length === 0 ? { startedAt: 0, endedAt: 0 } : { startedAt, endedAt };
}
