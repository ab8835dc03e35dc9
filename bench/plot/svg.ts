/** Two kinds of picture as SVG text: lines over a logarithmic axis, and groups of bars. Light and dark readers see the same: it has a ground. */

export interface Series {
  readonly name: string;
  /** x and y; of bars x is the number of the group. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Picture {
  readonly title: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 320;
const PAD = { left: 64, right: 16, top: 44, bottom: 48 };
const COLOURS = ['#2563eb', '#d97706', '#059669', '#6b7280', '#db2777'];
const INK = '#1f2937';
const GRID = '#d1d5db';

type Scale = (value: number) => number;

export function linePicture(picture: Picture & { readonly xLabel: string }): string {
  const xs = picture.series.flatMap(({ points }) => points.map(([x]) => x));
  const ys = picture.series.flatMap(({ points }) => points.map(([, y]) => y));
  const x = logScale(Math.min(...xs), Math.max(...xs), PAD.left, WIDTH - PAD.right);
  const top = niceAbove(Math.max(...ys));
  const y: Scale = (value) => HEIGHT - PAD.bottom - (value / top) * (HEIGHT - PAD.bottom - PAD.top);
  const lines = picture.series.map(({ points }, index) => {
    const path = points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${fixed(x(px))} ${fixed(y(py))}`).join(' ');
    const dots = points.map(
      ([px, py]) =>
        `<circle cx="${fixed(x(px))}" cy="${fixed(y(py))}" r="3" fill="${colour(index)}"/>${text(x(px), y(py) - 8, short(py), 'middle', 10)}`,
    );
    return `<path d="${path}" fill="none" stroke="${colour(index)}" stroke-width="2"/>${dots.join('')}`;
  });
  const ticks = [...new Set(xs)].map((value) => text(x(value), HEIGHT - PAD.bottom + 16, short(value), 'middle', 11));
  return frame(picture, [
    ...horizontals([0, top / 4, top / 2, (top * 3) / 4, top], y),
    ...lines,
    ...ticks,
    text((PAD.left + WIDTH - PAD.right) / 2, HEIGHT - 10, picture.xLabel, 'middle', 12),
  ]);
}

/** Heights are logarithmic, as what is compared differs by tens: each bar says its figure. */
export function barPicture(picture: Picture & { readonly groups: readonly string[] }): string {
  const ys = picture.series.flatMap(({ points }) => points.map(([, y]) => y)).filter((value) => value > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...ys) / 1.5));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...ys)));
  const y = logScale(low, high, HEIGHT - PAD.bottom, PAD.top);
  const step = (WIDTH - PAD.left - PAD.right) / picture.groups.length;
  const width = (step * 0.8) / picture.series.length;
  const bars = picture.series.flatMap(({ points }, index) =>
    points
      .filter(([, value]) => value > 0)
      .map(([group, value]) => {
        const left = PAD.left + group * step + step * 0.1 + index * width;
        const bar = `<rect x="${fixed(left)}" y="${fixed(y(value))}" width="${fixed(width - 1)}" height="${fixed(y(low) - y(value))}" fill="${colour(index)}"/>`;
        return bar + text(left + width / 2, y(value) - 4, short(value), 'middle', 9);
      }),
  );
  const names = picture.groups.map((name, group) =>
    text(PAD.left + (group + 0.5) * step, HEIGHT - PAD.bottom + 16, name, 'middle', 11),
  );
  const decades = Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, index) => low * 10 ** index);
  return frame(picture, [...horizontals(decades, y), ...bars, ...names]);
}

function frame({ title, yLabel, series }: Picture, inside: readonly string[]): string {
  const legend = series.map(({ name }, index) => {
    const left = PAD.left + index * 130;
    return `<rect x="${left}" y="28" width="10" height="10" fill="${colour(index)}"/>${text(left + 14, 37, name, 'start', 11)}`;
  });
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(PAD.left, 18, title, 'start', 14),
    `<g transform="rotate(-90 14 ${HEIGHT / 2})">${text(14, HEIGHT / 2, yLabel, 'middle', 12)}</g>`,
    ...(series.length > 1 ? legend : []),
    ...inside,
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function horizontals(values: readonly number[], y: Scale): readonly string[] {
  return values.map(
    (value) =>
      `<line x1="${PAD.left}" x2="${WIDTH - PAD.right}" y1="${fixed(y(value))}" y2="${fixed(y(value))}" stroke="${GRID}"/>${text(PAD.left - 6, y(value) + 4, short(value), 'end', 11)}`,
  );
}

function logScale(low: number, high: number, from: number, to: number): Scale {
  const span = Math.log(high / low) || 1;
  return (value) => from + (Math.log(value / low) / span) * (to - from);
}

function niceAbove(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return Math.ceil((value * 1.1) / unit) * unit;
}

function short(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 1000)}k`;
  return String(Number(value.toPrecision(value >= 100 ? 4 : 3)));
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? INK;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function text(x: number, y: number, what: string, anchor: string, size: number): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" font-size="${size}" fill="${INK}">${escaped(what)}</text>`;
}

function escaped(what: string): string {
  return what.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
