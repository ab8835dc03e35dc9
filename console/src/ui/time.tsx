import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app/context.ts';
import { spanText, timeText } from './format.ts';

/** The time, told anew every `everyMs`. */
export function useNow(everyMs = 10_000): number {
  const { now } = useApp();
  const [at, setAt] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), everyMs);
    return () => clearInterval(timer);
  }, [now, everyMs]);
  return at;
}

export interface TimeProps {
  /** Unix ms. */
  readonly at: number;
  /** `ago`: `12 min ago`, with the exact time under the pointer. `clock`: `14:03:22.118`. */
  readonly as?: 'ago' | 'clock';
}

export function Time({ at, as = 'ago' }: TimeProps): JSX.Element {
  // Told anew now and then; what came since the last time is not of the future.
  useNow();
  const now = useApp().now();
  const exact = new Date(at).toISOString();
  const ahead = at > now + 1000;
  const ago = ahead ? `in ${spanText(at - now)}` : `${spanText(now - at)} ago`;
  return (
    <time dateTime={exact} title={exact}>
      {as === 'ago' ? ago : timeText(at, now)}
    </time>
  );
}
