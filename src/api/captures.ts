/** Captures in the words of the API. */
import type { CaptureDesk } from '../captures/port.ts';
import { ApiError } from './error.ts';
import { attempt } from './failures.ts';

/** As CaptureDesk, but every method rejects with ApiError and nothing else. */
export type CaptureApi = CaptureDesk;

export function captureHandlers(desk: CaptureDesk | undefined): CaptureApi {
  const at = (): CaptureDesk => {
    if (desk !== undefined) return desk;
    throw new ApiError('refused', 'Captures are not looked after here.', 'Ask the loopd that records.');
  };
  return {
    start: (asked, as) => attempt(async () => at().start(asked, as)),
    stop: (id) => attempt(async () => at().stop(id)),
    list: () => attempt(async () => at().list()),
    show: (id) => attempt(async () => at().show(id)),
    resolve: (prefix) => attempt(async () => at().resolve(prefix)),
    delete: (id) => attempt(async () => at().delete(id)),
  };
}
