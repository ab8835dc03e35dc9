import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import { problemFrom } from '../api/use-answer.ts';
import { useApp } from '../app/context.ts';
import { useKeyed } from '../ui/use-keyed.ts';
import type { Filters } from './filters.ts';
import { loopsInput } from './filters.ts';
import type { KnownLoops, LoopsPage } from './known-loops.ts';
import { begun, heard, older, UNKNOWN, withWaiting } from './known-loops.ts';
import { useLive } from './use-live.ts';

const PAGE = 200;

export interface Loops extends KnownLoops {
  readonly askMore: () => void;
  readonly showAll: () => void;
  readonly again: () => void;
}

/** Loops, newest first: pages as they are scrolled to, and new ones as they come. */
export function useLoops(filters: Filters, reading: () => boolean): Loops {
  const key = JSON.stringify(filters);
  const [known, change] = useKeyed(key, UNKNOWN);
  const ask = useAsk(filters, key, change);
  const again = useCallback(() => void ask(undefined, begun), [ask]);
  useEffect(again, [again]);
  useLive((events) => ask(undefined, (before, page) => heard(before, page, events, reading())), [ask]);
  const asking = useRef(false);
  const askMore = useCallback(() => {
    if (asking.current || known.next === undefined) return;
    asking.current = true;
    void ask(known.next, older).finally(() => (asking.current = false));
  }, [ask, known.next]);
  const showAll = useCallback(() => change(key, withWaiting), [key]);
  return { ...known, askMore, showAll, again };
}

type Tell = (before: KnownLoops, page: LoopsPage) => KnownLoops;

function useAsk(
  filters: Filters,
  key: string,
  change: (key: string, change: (before: KnownLoops) => KnownLoops) => void,
): (cursor: string | undefined, tell: Tell) => Promise<void> {
  const { client, now } = useApp();
  return useCallback(
    async (cursor, tell) => {
      try {
        const input = { ...loopsInput(filters, now()), limit: PAGE, ...(cursor !== undefined && { cursor }) };
        const page: { loops: readonly LoopSummary[]; next?: string } = await client.call('listLoops', input);
        change(key, (before) => tell(before, page));
      } catch (error) {
        change(key, (before) => ({ ...before, state: 'known', problem: problemFrom(error) }));
      }
    },
    [client, key],
  );
}
