// The scale on generated traffic: seeds are fixed, thresholds stand a little below what was measured.
import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/assembly/flow/decide.ts';
import { TAKEN } from '../../../../src/assembly/flow/weights.ts';
import type { TrafficOptions } from '../../../support/flow-traffic.ts';
import { trafficOf } from '../../../support/flow-traffic.ts';

function measure(options: Omit<TrafficOptions, 'seed'>, seeds: readonly number[] = [1, 2]) {
  let [placed, right, made] = [0, 0, 0];
  for (const seed of seeds) {
    const { scene, truth } = trafficOf({ ...options, seed });
    made += truth.size;
    for (const [best] of decide(scene)) {
      if (best === undefined || best.confidence < TAKEN) continue;
      placed += 1;
      right += Number(truth.get(best.child) === best.parent);
    }
  }
  return { precision: right / placed, recall: right / made };
}

const CASES: readonly (readonly [string, Omit<TrafficOptions, 'seed'>, number, number])[] = [
  ['one request at a time', { concurrency: 1, requests: 30 }, 1, 0.97],
  ['four at once', { concurrency: 4, requests: 40 }, 0.99, 0.95],
  ['ten at once', { concurrency: 10, requests: 50 }, 0.98, 0.9],
  ['fifty at once', { concurrency: 50, requests: 70 }, 0.95, 0.6],
  ['calls side by side', { concurrency: 10, requests: 50, fanOut: true }, 0.97, 0.85],
  ['calls made again', { concurrency: 10, requests: 50, retries: 0.1 }, 0.97, 0.85],
  ['polls in between', { concurrency: 10, requests: 50, polls: 1 }, 0.97, 0.85],
  ['values that everybody has', { concurrency: 10, requests: 50, articles: 3, customers: 3 }, 0.9, 0.4],
];

describe('calls without context', () => {
  it.each(CASES)('%s', (_name, options, precision, recall) => {
    const measured = measure(options);
    expect(measured.precision).toBeGreaterThanOrEqual(precision);
    expect(measured.recall).toBeGreaterThanOrEqual(recall);
  });
});
