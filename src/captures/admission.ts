/** What is refused before a capture starts: each with the limit it is beyond, and what to do. */
import type { CaptureLimits } from './places.ts';
import { CaptureError } from './error.ts';
import type { RunningCapture } from './running.ts';
import type { ReadStart } from './selector.ts';

const HOUR_MS = 3_600_000;

export interface Admission {
  readonly limits: CaptureLimits;
  /** Those that run. */
  readonly running: readonly RunningCapture[];
  /** Bytes that captures of this user have taken today. */
  readonly takenToday: number;
}

/** Throws CaptureError. */
export function refuseBeyond(asked: ReadStart, { limits, running, takenToday }: Admission): void {
  if (asked.reason.trim() === '')
    throw new CaptureError('invalid', 'A capture needs a reason.', 'Say what it is for: --reason "ticket 811".');
  if (asked.user === undefined && asked.pairs.length === 0)
    throw new CaptureError('invalid', 'A capture needs somebody to look for.', 'Say whom: --user 42.');
  if (asked.forMs > limits.maxHours * HOUR_MS)
    throw limit(
      `A capture runs at most ${limits.maxHours} hours`,
      'Ask for less with --for, and start another one later.',
    );
  if ((asked.maxBytes ?? 0) > limits.bytes)
    throw limit(
      `A capture takes at most ${limits.bytes} bytes`,
      'Ask for less with --max-bytes, or raise captures.bytes.',
    );
  if ((asked.maxTransactions ?? 0) > limits.transactions)
    throw limit(
      `A capture takes at most ${limits.transactions} transactions`,
      'Ask for less with --max-transactions, or raise captures.transactions.',
    );
  const own = running.filter(({ secrets }) => secrets.who === asked.who).length;
  const end = 'End one: loopctl capture list, loopctl capture stop <id>.';
  if (own >= limits.perPerson) throw limit(`${asked.who || 'You'} may run ${limits.perPerson} captures at a time`, end);
  if (running.length >= limits.inAll) throw limit(`${limits.inAll} captures run, which is as many as may`, end);
  if (takenToday >= limits.bytesPerUserAndDay)
    throw limit(
      `Captures of this user have taken ${takenToday} bytes today, and ${limits.bytesPerUserAndDay} are allowed`,
      'Look at what there is (loopctl capture list), or raise captures.bytesPerUserAndDay.',
    );
}

function limit(facts: string, hint: string): CaptureError {
  return new CaptureError('limit', `${facts}.`, hint);
}
