import type { LoopEvent } from '../../../src/api/contract/results.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import type { ApiProblem } from '../api/problem.ts';
import type { Shown } from './shown.ts';
import { inOrder, NOTHING_SHOWN, withNews, without } from './shown.ts';

export interface KnownLoops {
  readonly state: 'asking' | 'known';
  readonly shown: Shown<LoopSummary>;
  /** Where the older ones begin; absent when there are none. */
  readonly next?: string;
  readonly problem?: ApiProblem;
}

export interface LoopsPage {
  readonly loops: readonly LoopSummary[];
  readonly next?: string;
}

export const UNKNOWN: KnownLoops = { state: 'asking', shown: NOTHING_SHOWN };

const BY_BEGIN = {
  keyOf: ({ id }: LoopSummary): string => id,
  rank: ({ startedAt }: LoopSummary) => startedAt,
};

/** The list as the newest page has it. */
export function begun(_: KnownLoops, { loops, next }: LoopsPage): KnownLoops {
  return { state: 'known', shown: { rows: loops, waiting: [] }, ...(next !== undefined && { next }) };
}

/** With the page behind the last one. */
export function older({ shown }: KnownLoops, { loops, next }: LoopsPage): KnownLoops {
  const known = new Set([...shown.rows, ...shown.waiting].map(BY_BEGIN.keyOf));
  const rows = [...shown.rows, ...loops.filter((loop) => !known.has(loop.id))];
  return { state: 'known', shown: { ...shown, rows }, ...(next !== undefined && { next }) };
}

/** With the newest page, read again because of `events`. `reading`: nothing may move. */
export function heard(before: KnownLoops, page: LoopsPage, events: readonly LoopEvent[], reading: boolean): KnownLoops {
  const known = new Set(before.shown.rows.map(BY_BEGIN.keyOf));
  // More has come than a page holds: what lies between is not known, so the list begins anew when nobody reads it.
  const meets = page.next === undefined || page.loops.some((loop) => known.has(loop.id));
  if (!meets && !reading) return begun(before, page);
  const deleted = events.flatMap((event) => (event.kind === 'loop-deleted' ? [event.id] : []));
  const left = deleted.reduce((shown, id) => without(shown, id, BY_BEGIN), before.shown);
  const { problem: _, ...rest } = before;
  return { ...rest, state: 'known', shown: withNews(left, page.loops, BY_BEGIN, reading) };
}

export function withWaiting(before: KnownLoops): KnownLoops {
  return { ...before, shown: inOrder(before.shown, BY_BEGIN) };
}
