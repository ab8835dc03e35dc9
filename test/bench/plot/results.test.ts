import { expect, test } from 'vitest';
import { picturesOf } from '../../../bench/plot/pictures.ts';
import { table } from '../../../bench/plot/results.ts';

const rows = [
  { row: '1k@5000', server: 'http2', cpuMicrosPerExchange: { median: 8, min: 7, max: 9 }, keptUp: true },
  { row: '1k@5000', server: 'grpc-js', cpuMicrosPerExchange: { median: 160, min: 150, max: 170 }, keptUp: false },
];

test('a spread is one cell, what no cell can say is left out', () => {
  expect(table([...rows, { row: 'a|b', other: [1] }])).toBe(
    [
      '| row | server | cpuMicrosPerExchange | keptUp |',
      '| --- | --- | --- | --- |',
      '| 1k@5000 | http2 | 8 (7-9) | true |',
      '| 1k@5000 | grpc-js | 160 (150-170) | false |',
      '| a\\|b |  |  |  |',
    ].join('\n'),
  );
});

test('a column of a column, and a median without a spread', () => {
  const row = { rate: 500, p99Ms: { delta: 0.9, spread: 1.4 }, sinkUs: { median: 99, runs: [98, 100] } };
  expect(table([row, { rate: 1000 }], ['rate', 'p99Ms.delta', 'sinkUs'])).toBe(
    ['| rate | p99Ms.delta | sinkUs |', '| --- | --- | --- |', '| 500 | 0.9 | 99 |', '| 1000 |  |  |'].join('\n'),
  );
});

test('each server has a bar that says its figure', () => {
  const [picture] = picturesOf('ingest', { rows });
  expect(picture?.file).toBe('bench-ingest.svg');
  expect(picture?.svg.match(/<rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="[\d.]+"/g)).toHaveLength(4);
  expect(picture?.svg).toContain('>160</text>');
  expect(picture?.svg).not.toContain('NaN');
});
