import { parseCaptureIdPrefix, type CaptureId } from '../domain/capture.ts';
import { CaptureError } from './error.ts';

const SHOWN_WHEN_AMBIGUOUS = 5;

/** The one of these whose id starts so. Throws CaptureError `not-found` or `ambiguous`. */
export function byPrefix(text: string, ids: readonly CaptureId[]): CaptureId {
  const prefix = parseCaptureIdPrefix(text);
  const [first, ...others] = prefix === undefined ? [] : ids.filter((id) => id.startsWith(prefix));
  if (first === undefined)
    throw new CaptureError('not-found', `There is no capture "${text}".`, 'loopctl capture list shows what there is.');
  if (others.length === 0) return first;
  throw new CaptureError(
    'ambiguous',
    `"${text}" begins several captures: ${[first, ...others].slice(0, SHOWN_WHEN_AMBIGUOUS).join(', ')}.`,
    'Type more of the id.',
  );
}
