import { useEffect, useRef } from 'preact/hooks';
import type { LoopEvent } from '../../../src/api/contract/results.ts';
import { useApp } from '../app/context.ts';

/** Between two readings of what has changed: soon enough to be called live, seldom enough in an outage. */
const PAUSE_MS = 700;

/** Hands over what has happened, the first at once and then in batches, one after the other; also once loopd is back after it was away. */
export function useLive(take: (events: readonly LoopEvent[]) => Promise<void>, inputs: readonly unknown[]): void {
  const { live } = useApp();
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    let waiting: LoopEvent[] = [];
    let busy = false;
    let ended = false;
    const work = async (): Promise<void> => {
      busy = true;
      while (waiting.length > 0 && !ended) {
        const events = waiting;
        waiting = [];
        await latest.current(events);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
      busy = false;
    };
    const hear = (event: LoopEvent): void => {
      waiting.push(event);
      if (!busy) void work();
    };
    const unlisten = live.listen(hear);
    return () => {
      ended = true;
      unlisten();
    };
  }, [live, ...inputs]);
}
