import { z } from 'zod';
import type { ShownCapture } from '../captures/port.ts';
import type { Capture, CaptureId } from '../domain/capture.ts';
import { parseCaptureId } from '../domain/capture.ts';
import type { CaptureApi } from './captures.ts';
import type { Call } from './remote.ts';

type Ask = <Shape>(call: Call, shape: z.ZodType<Shape>) => Promise<Shape>;

const CAPTURE_ID = z.custom<CaptureId>((value) => typeof value === 'string' && parseCaptureId(value) !== undefined);
/** As much as tells a capture from something else: a newer loopd may say more. */
const KEYS = z.looseObject({ id: CAPTURE_ID, startedAt: z.number(), notes: z.array(z.looseObject({})) });
const CAPTURE = z.custom<Capture>((value) => KEYS.safeParse(value).success);
const SHOWN = z.custom<ShownCapture>(
  (value) => z.looseObject({ capture: KEYS, loops: z.array(z.looseObject({})) }).safeParse(value).success,
);

/** Captures of a loopd, from afar. */
export function captureClient(ask: Ask): CaptureApi {
  const path = (id: CaptureId, rest = ''): string => `/v1/captures/${id}${rest}`;
  return {
    start: (asked) => {
      const body = Buffer.from(JSON.stringify(asked));
      return ask({ method: 'POST', path: '/v1/captures', body, type: 'application/json' }, CAPTURE);
    },
    stop: (id) => ask({ method: 'POST', path: path(id, '/stop') }, CAPTURE),
    list: async () =>
      (await ask({ method: 'GET', path: '/v1/captures' }, z.object({ captures: z.array(CAPTURE) }))).captures,
    show: (id) => ask({ method: 'GET', path: path(id) }, SHOWN),
    resolve: async (prefix) => {
      const resolving = `/v1/captures/${encodeURIComponent(prefix)}/resolve`;
      return (await ask({ method: 'GET', path: resolving }, z.object({ id: CAPTURE_ID }))).id;
    },
    delete: async (id) => (await ask({ method: 'DELETE', path: path(id) }, z.object({ loops: z.number() }))).loops,
  };
}
