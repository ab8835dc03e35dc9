import { describe, expect, it } from 'vitest';
import { Lateness, LATENESS_EVERY_MS } from '../../../src/ingest/lateness.ts';

const NEVER = { from: -1, until: -1 };

function watched() {
  const state = { now: 1000, slept: NEVER };
  const lateness = new Lateness({ now: () => state.now, slept: () => state.slept });
  /** The timer comes so late. */
  const comes = (late: number, slept = NEVER): void => {
    Object.assign(state, { now: state.now + LATENESS_EVERY_MS + late, slept });
    lateness.look();
  };
  return { state, lateness, comes };
}

describe('lateness', () => {
  it('is nothing where nothing was seen, and begins anew each time it is taken', () => {
    const { lateness, comes } = watched();
    expect(lateness.take()).toEqual({ p50: 0, p99: 0, max: 0, stalled: 0 });
    comes(8);
    expect(lateness.take().max).toBeCloseTo(8, 1);
    comes(0);
    expect(lateness.take()).toEqual({ p50: 0, p99: 0, max: 0, stalled: 0 });
  });

  it('is by how much a timer comes late, by share of the times it came', () => {
    const { lateness, comes } = watched();
    for (let index = 0; index < 98; index += 1) comes(1);
    comes(10);
    comes(10);
    const { p50, p99, max } = lateness.take();
    expect(p50).toBeCloseTo(1, 1);
    expect(p99).toBeCloseTo(10, 1);
    expect(max).toBeCloseTo(10, 1);
  });

  it('has no sleep on purpose in it, as far as that lay behind the time the timer was due', () => {
    const { state, lateness, comes } = watched();
    const due = state.now + LATENESS_EVERY_MS;
    comes(4, { from: due - 1, until: due + 3 });
    // What was slept before is no excuse.
    const next = state.now + LATENESS_EVERY_MS;
    expect(lateness.take().max).toBeCloseTo(1, 1);
    comes(4, { from: next - 8, until: next - 4 });
    expect(lateness.take().max).toBeCloseTo(4, 1);
  });

  it('of a stop is a share of the time it took, not one time among many', () => {
    const { lateness, comes } = watched();
    for (let index = 0; index < 25; index += 1) comes(0);
    comes(500);
    const { p50, p99, max } = lateness.take();
    // Half a second of one.
    expect(p50).toBeLessThan(50);
    expect(p99).toBeGreaterThan(450);
    expect(max).toBeCloseTo(500, 0);
  });

  it('of more than 50 ms is added up for good', () => {
    const { lateness, comes } = watched();
    comes(50);
    expect(lateness.take().stalled).toBe(0);
    // 131 and 81: for 100 ms who came waited longer than that.
    comes(131);
    expect(lateness.take().stalled).toBe(100);
    comes(0);
    comes(60);
    expect(lateness.take().stalled).toBe(150);
  });
});
