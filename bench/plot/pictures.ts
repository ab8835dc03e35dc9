/** What is drawn of which bench. */
import { isRecord, number } from './results.ts';
import type { Result, Row } from './results.ts';
import { barPicture, linePicture } from './svg.ts';

export interface Drawn {
  readonly file: string;
  readonly alt: string;
  readonly svg: string;
}

export function picturesOf(bench: string, result: Result): readonly Drawn[] {
  if (bench === 'ingest') return [ingest(result)];
  return bench === 'flat' ? flat(result) : [];
}

function ingest({ rows }: Result): Drawn {
  const groups = unique(rows, 'row');
  const alt = 'CPU of the server per exchange, by load and server';
  const svg = barPicture({
    title: alt,
    yLabel: 'µs per exchange',
    groups,
    series: unique(rows, 'server').map((server) => ({
      name: server,
      points: rows
        .filter((row) => row['server'] === server)
        .map((row) => [groups.indexOf(String(row['row'])), number(row['cpuMicrosPerExchange'])] as const),
    })),
  });
  return { file: 'bench-ingest.svg', alt, svg };
}

function flat({ rows }: Result): readonly Drawn[] {
  return unique(rows, 'axis').map((axis) => {
    const alt = `CPU of the sink per exchange against ${axis}`;
    const points = rows
      .filter((row) => row['axis'] === axis)
      .map((row) => [number(row['value']), number(row['cpuMicrosPerExchange'])] as const);
    const svg = linePicture({
      title: alt,
      yLabel: 'µs per exchange',
      xLabel: axis,
      series: [{ name: 'ours', points }],
    });
    return { file: `bench-flat-${axis.toLowerCase().replaceAll(' ', '-')}.svg`, alt, svg };
  });
}

function unique(rows: readonly Row[], name: string): readonly string[] {
  return [...new Set(rows.filter(isRecord).map((row) => String(row[name])))];
}
