import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Series, Vitals } from '../../../src/api/contract/results.ts';
import type { drawPlot, Plot } from './plot.ts';
import { describe, newestOf, SERIES_ORDER, SERIES_WORDS, timesOf, valueText } from './words.ts';

type PlotModule = { readonly drawPlot: typeof drawPlot };

/** The last hour of each number. The drawing comes in a chunk of its own; the numbers are there without. */
export function Plots({ vitals }: { readonly vitals: Vitals }): JSX.Element {
  const [drawing, setDrawing] = useState<PlotModule>();
  useEffect(() => {
    // Without it there are still the numbers, so a chunk that does not come is no error to show.
    void import('./plot.ts').then(setDrawing, () => undefined);
  }, []);
  const known = SERIES_ORDER.flatMap((name) => vitals.series.find((series) => series.name === name) ?? []);
  return (
    <section>
      <h2 class="unseen">In the last hour</h2>
      <div class="plots">
        {known.map((series) => (
          <Drawn key={series.name} series={series} vitals={vitals} drawing={drawing} />
        ))}
      </div>
    </section>
  );
}

interface DrawnProps {
  readonly series: Series;
  readonly vitals: Vitals;
  readonly drawing: PlotModule | undefined;
}

function Drawn({ series, vitals: { at, everyMs }, drawing }: DrawnProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const { title, means } = SERIES_WORDS[series.name];
  const newest = newestOf(series);
  useEffect(() => {
    if (drawing === undefined || box.current === null) return undefined;
    const drawn = drawing.drawPlot(box.current, (value) => valueText(value, series.unit));
    plot.current = drawn;
    return () => drawn.remove();
  }, [drawing]);
  useEffect(() => plot.current?.show(timesOf(series, at, everyMs), series.points), [drawing, series, at, everyMs]);
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
        <span class="newest">{newest === undefined ? '–' : valueText(newest, series.unit)}</span>
      </figcaption>
      <div class="plot" ref={box} role="img" aria-label={describe(series)} />
      <p class="muted">{means}</p>
    </figure>
  );
}
