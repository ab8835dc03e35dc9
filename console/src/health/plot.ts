import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** A drawn line over time, until it is removed. */
export interface Plot {
  /** `times` in Unix seconds; null where nothing is known. */
  show(times: readonly number[], points: readonly (number | null)[]): void;
  remove(): void;
}

const HEIGHT = 120;

/** Draws as wide as `box` is, in the colours of the theme, anew when either changes. */
export function drawPlot(box: HTMLElement, text: (value: number) => string): Plot {
  const plot = new UPlot(optionsFor(box, text), [[], []], box);
  const size = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
  size.observe(box);
  const redraw = (): void => plot.redraw();
  const theme = new MutationObserver(redraw);
  theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  return {
    show: (times, points) => plot.setData([[...times], [...points]]),
    remove: () => {
      size.disconnect();
      theme.disconnect();
      dark.removeEventListener('change', redraw);
      plot.destroy();
    },
  };
}

function optionsFor(box: HTMLElement, text: (value: number) => string): UPlot.Options {
  const colour = (name: string) => (): string => colourOf(box, name);
  const axis = { stroke: colour('--muted'), font: '11px system-ui', ticks: { show: false } };
  const grid = { stroke: colour('--line'), width: 1 };
  return {
    width: Math.max(box.clientWidth, 100),
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    series: [{}, { stroke: colour('--accent'), width: 1.5, points: { show: false } }],
    axes: [
      { ...axis, grid: { show: false }, size: 22, space: 70, values: '{HH}:{mm}' },
      { ...axis, grid, size: 62, space: 32, values: (_plot, splits) => splits.map((value) => text(value)) },
    ],
  };
}

/** A custom property as a colour that a canvas understands: `light-dark()` is resolved by asking what a text of it would have. */
function colourOf(box: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
