import type { JSX } from 'preact';
import { countText } from '../ui/format.ts';

const BAR = 2;
const STEP = 3;
const HEIGHT = 20;

/** Bars of an hour each. Heights are of the square root, so that one bad hour does not make the others vanish. */
export function Spark({ counts }: { readonly counts: readonly number[] }): JSX.Element {
  const top = Math.max(...counts, 1);
  const width = counts.length * STEP;
  const sum = counts.reduce((all, one) => all + one, 0);
  return (
    <svg
      class="spark"
      role="img"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      aria-label={`${countText(sum)} in ${counts.length} hours, at most ${countText(top)} in one`}
    >
      <path class="spark-base" d={`M0 ${HEIGHT - 0.5}H${width}`} />
      <path class="spark-bars" d={barsPath(counts, top)} />
    </svg>
  );
}

/** One path for all bars: a list of hundreds of rows has to scroll. */
export function barsPath(counts: readonly number[], top: number): string {
  return counts
    .map((count, index) => {
      const height = count === 0 ? 0 : Math.max(2, Math.round(Math.sqrt(count / top) * (HEIGHT - 2)));
      return height === 0 ? '' : `M${index * STEP} ${HEIGHT}v-${height}h${BAR}v${height}z`;
    })
    .join('');
}
