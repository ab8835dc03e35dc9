import { FieldWalk } from '../protobuf/fields.ts';

const walk = new FieldWalk();

/** Timestamp or Duration {seconds 1, nanos 2} as microseconds, cut to whole ones as ext_proc prints them; 0 for what no clock shows. */
export function readMicros(bytes: Uint8Array, start: number, end: number): number {
  let seconds = 0;
  let nanos = 0;
  walk.over(bytes, start, end);
  while (walk.next()) {
    if (walk.isVarint(1)) seconds = walk.value;
    else if (walk.isVarint(2)) nanos = walk.value;
  }
  const micros = seconds * 1_000_000 + Math.floor(nanos / 1000);
  return Number.isSafeInteger(micros) ? micros : 0;
}

/** ext_proc's attribute `request.time`, `2026-11-22T00:46:24.862627+00:00`, as microseconds; zeros at the end of the fraction are left out. */
export function parseRequestTime(text: string): number | undefined {
  const [, second = '', fraction = '', zone = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const ms = Date.parse(`${second}${zone}`);
  return Number.isNaN(ms) ? undefined : ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** An entry older than this when it comes is taken for one of a clock that differs, milliseconds: Envoy holds entries for a sink that is away for seconds. */
const LATEST = 60_000;

/** When its exchange began, Unix ms, on the clock of whoever received the entry at `arrivedAt`: Envoy's own may differ. */
export function beganAt(startMicros: number, durationMs: number, arrivedAt: number): number {
  const latest = arrivedAt - durationMs;
  const said = startMicros / 1000;
  return said <= latest && said >= latest - LATEST ? said : latest;
}
