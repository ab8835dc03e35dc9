/** Two recordings beside each other, of what everybody may read of them. */
import type { ComparedPair, Comparison } from '../api/contract/results.ts';
import type { LoopSummary } from '../domain/loop.ts';
import type { TimeWindow } from '../domain/noise.ts';
import type { CommandView, ExchangeView, LoopView } from '../seal/view-schema.ts';
import { compareCommands } from './command.ts';
import { compareExchanges } from './exchange.ts';
import { Findings } from './findings.ts';
import { commandLabel, exchangeLabel, hopOf, stepOf } from './hop.ts';
import { Effort, LIMITS } from './limits.ts';
import { pairUp, type Paired } from './pairing.ts';

export interface Side {
  readonly summary: LoopSummary;
  readonly view: LoopView;
}

interface Placed {
  /** Since its loop began, ms. */
  readonly at: number;
  readonly pair: ComparedPair;
}

/** Never throws, whatever was recorded; its work is bounded by LIMITS, and `notes` says what was left out. */
export function compareLoops(left: Side, right: Side): Comparison {
  const effort = new Effort();
  const window: TimeWindow = { recordedAt: left.summary.startedAt, now: right.summary.startedAt };
  const [ours, theirs] = [first(left.view.exchanges, effort), first(right.view.exchanges, effort)];
  const exchanges = pairUp(ours, theirs, [(one) => `${hopOf(one)} ${one.path}`, hopOf]);
  const commands = pairCommands(left.view, right.view, exchanges, effort);
  const place = placeOf(left, right);
  const placed: readonly Placed[] = [
    ...exchanges.map((both) => ({
      at: place(both),
      pair: { what: 'exchange' as const, hop: labelled(both, exchangeLabel), ...judged(both, compareExchanges) },
    })),
    ...commands.map((both) => ({
      at: place(both),
      pair: { what: 'command' as const, hop: labelled(both, commandLabel), ...judged(both, compareCommands) },
    })),
  ];
  const pairs = placed.toSorted((one, other) => one.at - other.at).map(({ pair }) => pair);
  return { left: left.summary, right: right.summary, pairs, notes: effort.notes };

  function judged<Item extends { readonly id: string }>(
    { left: was, right: is }: Paired<Item>,
    compare: (was: Item, is: Item, findings: Findings) => void,
  ): Omit<ComparedPair, 'what' | 'hop'> {
    const ids = { ...(was && { left: was.id }), ...(is && { right: is.id }) };
    if (was === undefined || is === undefined)
      return { ...ids, verdict: was === undefined ? 'only-right' : 'only-left', differences: [] };
    const findings = new Findings(effort, window);
    compare(was, is, findings);
    return { ...ids, ...findings.result };
  }
}

/** A command belongs to the exchange it was made for: only when none is left there, to the same statement elsewhere. */
function pairCommands(
  left: LoopView,
  right: LoopView,
  exchanges: readonly Paired<ExchangeView>[],
  effort: Effort,
): readonly Paired<CommandView>[] {
  const place = { left: new Map<string, number>(), right: new Map<string, number>() };
  for (const [at, both] of exchanges.entries()) {
    if (both.left) place.left.set(both.left.id, at);
    if (both.right) place.right.set(both.right.id, at);
  }
  const at = ({ exchange }: CommandView, side: 'left' | 'right') => place[side].get(exchange) ?? '-';
  return pairUp(first(left.commands, effort), first(right.commands, effort), [
    (one, side) => JSON.stringify([at(one, side), stepOf(one), one.summary, one.parameters]),
    (one, side) => JSON.stringify([at(one, side), stepOf(one)]),
    stepOf,
  ]);
}

function placeOf(left: Side, right: Side): (both: Paired<{ readonly startedAt: number }>) => number {
  return ({ left: was, right: is }) =>
    was ? was.startedAt - left.summary.startedAt : (is?.startedAt ?? 0) - right.summary.startedAt;
}

function labelled<Item>({ left, right }: Paired<Item>, label: (item: Item) => string): string {
  const item = left ?? right;
  return item === undefined ? '' : label(item);
}

function first<Item>(items: readonly Item[], effort: Effort): readonly Item[] {
  if (items.length > LIMITS.items)
    effort.note(`lists have more than ${LIMITS.items} entries: the others were not compared`);
  return items.slice(0, LIMITS.items);
}
