/** What a user did, in order of time, with what bounds it and what is missing where it is missing. */
import type { Capture } from '../../../src/domain/capture.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import { ENDED } from './words.ts';

export type Entry =
  | { readonly kind: 'loop'; readonly at: number; readonly loop: LoopSummary; readonly before: boolean }
  /** `edge`: where it begins and ends. `hole`: something is missing from here on. */
  | { readonly kind: 'edge' | 'hole'; readonly at: number; readonly text: string };

/** `before`: the user did it before anybody asked. */
export function timelineOf(capture: Capture, loops: readonly LoopSummary[]): readonly Entry[] {
  const done = loops.map((loop): Entry => ({
    kind: 'loop',
    at: loop.startedAt,
    loop,
    before: loop.startedAt < capture.startedAt,
  }));
  const missing = capture.notes.map(({ at, what }): Entry => ({ kind: 'hole', at, text: what }));
  return [...done, ...missing, ...edgesOf(capture)].toSorted((one, other) => one.at - other.at);
}

function edgesOf({ startedAt, endedAt, endedBy, reachedBackTo, lookBack }: Capture): readonly Entry[] {
  const edge = (at: number, text: string): Entry => ({ kind: 'edge', at, text });
  const back = lookBack && reachedBackTo !== undefined && reachedBackTo < startedAt;
  return [
    // In front of what began in the same millisecond.
    ...(back ? [edge(reachedBackTo - 0.001, 'As far back as the recorder reached')] : []),
    edge(startedAt, lookBack ? 'The capture began' : 'The capture began, without a look back'),
    ...(endedAt === undefined ? [] : [edge(endedAt, `The capture ended: ${ENDED[endedBy ?? 'time']}`)]),
  ];
}

/** What went wrong with one, in a sentence; empty when nothing did. */
export function troubleOf({ origin, outcome, service }: LoopSummary): string {
  if (outcome === 'good') return '';
  const what = origin === undefined ? `at ${service}` : `at ${origin.service}: ${origin.summary}`;
  return outcome === 'failed' ? `Failed ${what}` : `Failed ${what}, and its caller recovered`;
}
