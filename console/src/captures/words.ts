/** Captures in words. */
import type { Capture, CaptureEnd } from '../../../src/domain/capture.ts';
import { countText } from '../ui/format.ts';

/** Whom it is of: `user 42, header:x-tenant=7`. */
export function whomOf({ select: { user, pairs } }: Capture): string {
  const said = pairs.map(({ place, value }) => `${place.kind}:${place.name}=${value}`);
  return (
    [...(user === undefined ? [] : [`user ${user}`]), ...said].join(', ') || 'somebody whose name cannot be read here'
  );
}

/** What came in, in the words of who presses a button. */
export function takenText({ transactions, failed }: Capture): string {
  if (transactions === 0) return 'no request';
  const requests = `${countText(transactions)} ${transactions === 1 ? 'request' : 'requests'}`;
  return failed === 0 ? `${requests}, none failed` : `${requests}, ${countText(failed)} failed`;
}

export const ENDED: Readonly<Record<CaptureEnd, string>> = {
  time: 'its time was over',
  bytes: 'it was as large as one may be',
  count: 'it had as many requests as one may have',
  stopped: 'somebody stopped it',
};

/** Why nothing more comes, and what to do for more. */
export const AFTERWARDS: Readonly<Record<CaptureEnd, string>> = {
  time: 'What the user did later is not here. A new capture begins with what the recorder still holds from before, so be quick.',
  bytes: 'What the user did later is not here. Whoever runs loopd can allow more: captures.bytes.',
  count: 'What the user did later is not here. Whoever runs loopd can allow more: captures.transactions.',
  stopped: 'What the user did later is not here. A new capture begins with what the recorder still holds from before.',
};

/** How far back it reached, before the moment it began; undefined while that is not known. */
export function reachMs({ reachedBackTo, startedAt }: Capture): number | undefined {
  return reachedBackTo === undefined ? undefined : Math.max(0, startedAt - reachedBackTo);
}
