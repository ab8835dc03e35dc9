/** The time axis. Times are ms; positions are percent of the width. */
export interface Scale {
  readonly startedAt: number;
  readonly durationMs: number;
}

export function scaleOf({ startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number }): Scale {
  const durationMs = endedAt - startedAt;
  return { startedAt, durationMs: Number.isFinite(durationMs) && durationMs >= 0.001 ? durationMs : 1 };
}

/** Where a bar lies. Never outside, whatever the clocks said; `width` may be 0. */
export function barOf(
  { startedAt, durationMs }: Scale,
  one: { readonly startedAt: number; readonly endedAt: number },
): { readonly left: number; readonly width: number } {
  const left = clamped(((one.startedAt - startedAt) / durationMs) * 100);
  const right = clamped(((one.endedAt - startedAt) / durationMs) * 100);
  return { left, width: Math.max(0, right - left) };
}

/** Labels stand to the right of their lines; behind this part of the width there is no room for one. */
const LAST_LABEL = 0.9;

export interface Tick {
  readonly left: number;
  /** Empty where there is no room. */
  readonly label: string;
}

/** Round times (1, 2 or 5 of a power of ten), about `most` of them, from zero. */
export function ticksOf({ durationMs }: Scale, most = 6): readonly Tick[] {
  const step = roundStep(durationMs / most);
  const count = Math.floor(durationMs / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => ({
    left: ((index * step) / durationMs) * 100,
    label: (index * step) / durationMs > LAST_LABEL ? '' : duration(index * step),
  }));
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** `0`, `0.42 ms`, `26 ms`, `1.35 s`, `4 min 10 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '?';
  if (ms === 0) return '0';
  if (Math.abs(ms) < 1000) return `${rounded(ms)} ms`;
  if (Math.abs(ms) < 60_000) return `${rounded(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
}

/** Three digits that count, at most two behind the point. */
function rounded(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

function clamped(percent: number): number {
  return Number.isFinite(percent) ? Math.min(100, Math.max(0, percent)) : 0;
}
