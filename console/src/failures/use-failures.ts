import { useCallback, useEffect } from 'preact/hooks';
import type { LoopEvent } from '../../../src/api/contract/results.ts';
import type { FingerprintSummary } from '../../../src/domain/fingerprint.ts';
import type { ApiProblem } from '../api/problem.ts';
import { problemFrom } from '../api/use-answer.ts';
import { useApp } from '../app/context.ts';
import { useKeyed } from '../ui/use-keyed.ts';
import type { Filters } from './filters.ts';
import type { Found } from './find-failures.ts';
import { findFailures } from './find-failures.ts';
import type { Shown } from './shown.ts';
import { inOrder, NOTHING_SHOWN, withNews } from './shown.ts';
import { useLive } from './use-live.ts';

const BY_LAST_SEEN = {
  keyOf: ({ fingerprint }: FingerprintSummary): string => fingerprint,
  rank: ({ lastSeenAt }: FingerprintSummary) => lastSeenAt,
};

export interface KnownFailures {
  readonly state: 'asking' | 'known';
  readonly shown: Shown<FingerprintSummary>;
  readonly problem?: ApiProblem;
  /** Only the newest loops were searched: there may be failures beside these. */
  readonly partial: boolean;
}

export interface Failures extends KnownFailures {
  /** Shows what waits, in order. */
  readonly showAll: () => void;
  readonly again: () => void;
}

const UNKNOWN: KnownFailures = { state: 'asking', shown: NOTHING_SHOWN, partial: false };

/** Failures by what they have in common, as they come. `reading`: whether somebody would lose their place if rows moved. */
export function useFailures(filters: Filters, reading: () => boolean): Failures {
  const { client, now } = useApp();
  const key = JSON.stringify(filters);
  const [known, change] = useKeyed(key, UNKNOWN);
  const ask = useCallback(
    async (touched?: readonly string[]): Promise<void> => {
      try {
        const found = await findFailures(client, filters, now(), touched);
        change(key, (before) => told(before, found, reading()));
      } catch (error) {
        change(key, (before) => ({ ...before, state: 'known', problem: problemFrom(error) }));
      }
    },
    [client, key],
  );
  useEffect(() => void ask(), [ask]);
  useLive(
    async (events) => {
      const touched = touchedBy(events);
      if (touched === 'all' || touched.length > 0) await ask(touched === 'all' ? undefined : touched);
    },
    [ask],
  );
  const showAll = useCallback(
    () => change(key, (before) => ({ ...before, shown: inOrder(before.shown, BY_LAST_SEEN) })),
    [key],
  );
  return { ...known, showAll, again: useCallback(() => void ask(), [ask]) };
}

function told({ state, shown }: KnownFailures, found: Found, reading: boolean): KnownFailures {
  const held = reading && state === 'known';
  // What a whole answer no longer has is gone, unless somebody looks at it.
  const rest = found.whole && !held ? NOTHING_SHOWN : shown;
  return { state: 'known', shown: withNews(rest, found.rows, BY_LAST_SEEN, held), partial: found.partial };
}

/** Fingerprints that events are about; `all` when nobody knows. */
function touchedBy(events: readonly LoopEvent[]): readonly string[] | 'all' {
  const touched = new Set<string>();
  for (const event of events) {
    if (event.kind === 'missed') return 'all';
    if (event.kind === 'failures-counted') for (const fingerprint of event.fingerprints) touched.add(fingerprint);
    if ((event.kind === 'loop-kept' || event.kind === 'loop-changed') && event.loop.fingerprint !== undefined)
      touched.add(event.loop.fingerprint);
  }
  return [...touched];
}
