const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal, as the rest of Loop has them: `1.2 MB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `840 µs`, `12 ms`, `3.40 s`, `2 min`. */
export function durationText(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`;
  return spanText(ms);
}

/** Whole units, the largest that fits: `5 s`, `12 min`, `3 h`, `6 d`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const COUNT = new Intl.NumberFormat('en');

/** Two units, where one would hide much: `5 min 12 s`, `3 h 20 min`. */
export function longSpanText(ms: number): string {
  const [large, small] = ms < 3_600_000 ? ([60_000, 1000] as const) : ([3_600_000, 60_000] as const);
  const rest = Math.floor((ms % large) / small) * small;
  return ms < 60_000 || ms >= 48 * 3_600_000 || rest === 0
    ? spanText(ms)
    : `${spanText(ms - (ms % large))} ${spanText(rest)}`;
}

/** `20,000` */
export function countText(count: number): string {
  return COUNT.format(count);
}

/** Local time with what is needed to tell it from others: `14:03:22.118`, and the day when it is not today. */
export function timeText(at: number, now: number): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  return date.toDateString() === new Date(now).toDateString() ? clock : `${dayText(date)} ${clock}`;
}

function dayText(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
