import { describe, expect, it } from 'vitest';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { Bench, traceKey } from '../../support/recorder.ts';

/** One cascade, whole: gateway asks pricing, which fails. */
function fail(bench: Bench, trace: string, status = 500, path = '/price/7'): void {
  const entry = bench.call('gateway').request('/checkout', { trace });
  const call = bench.call('gateway', { direction: 'outbound' }).request(path, { trace });
  bench.exchange('pricing', path, status, { trace });
  call.respond(status);
  entry.respond(502);
}

function braked(forMs = 60_000): { readonly bench: Bench; readonly signature: string } {
  const bench = new Bench();
  fail(bench, 'f0');
  bench.settle();
  const [part] = bench.takeParts();
  const signature = part?.signature ?? '';
  bench.recorder.brake({ kind: 'brake', signature, forMs });
  return { bench, signature };
}

const failuresOf = (parts: readonly RecordedPart[]) =>
  parts.filter(({ purpose }) => purpose === 'failure').map(({ transaction }) => transaction);

function sumOfFates(bench: Bench): boolean {
  const { received, ...fates } = bench.recorder.stats().fates;
  const sum = (unit: 'segments' | 'bytes') => Object.values(fates).reduce((total, tally) => total + tally[unit], 0);
  return sum('segments') === received.segments && sum('bytes') === received.bytes;
}

describe('the brake', () => {
  it('only counts what fails alike, and its records are tossed', () => {
    const { bench, signature } = braked();
    const before = bench.recorder.stats().fates.tossed.segments;
    for (const trace of ['a1', 'a2', 'a3']) fail(bench, trace);
    bench.clock.advance(900);
    expect(bench.recorder.takeBraked()).toEqual([]);
    bench.clock.advance(99);
    bench.recorder.flush();
    expect(failuresOf(bench.takeParts())).toEqual([]);
    expect(bench.recorder.takeBraked()).toMatchObject([{ signature, count: 3 }]);
    expect(bench.recorder.takeBraked()).toEqual([]);
    const stats = bench.recorder.stats();
    expect(stats).toMatchObject({ keptTransactions: 1, tossedTransactions: 0, brake: { counted: 3, probes: 0 } });
    expect(stats.fates.tossed.segments - before).toBe(3 * 12);
    expect(sumOfFates(bench)).toBe(true);
  });

  it('lets one a second through, whole', () => {
    const { bench } = braked();
    for (let index = 0; index < 100; index++) {
      fail(bench, `b${index}`);
      bench.clock.advance(50);
    }
    bench.settle();
    const probes = bench.takeParts();
    expect(probes.length).toBeGreaterThanOrEqual(5);
    expect(probes.length).toBeLessThanOrEqual(6);
    const counted = bench.recorder.takeBraked().reduce((sum, { count }) => sum + count, 0);
    expect(counted + probes.length).toBe(100);
    expect(bench.recorder.stats().brake).toMatchObject({ counted, probes: probes.length, signatures: 1 });
  });

  it('leaves alone what fails elsewhere, otherwise or on another route', () => {
    const { bench } = braked();
    fail(bench, 'c1', 503);
    fail(bench, 'c2', 500, '/stock/7');
    bench.exchange('pricing', '/price/7', 500, { trace: 'c3' });
    bench.clock.advance(999);
    fail(bench, 'c4', 500, '/price/8');
    bench.recorder.flush();
    expect(failuresOf(bench.takeParts())).toEqual(['c1', 'c2', 'c3'].map(traceKey));
  });

  it('is over when it is told so, and by itself when nobody renews it', () => {
    const { bench, signature } = braked(5_000);
    bench.recorder.brake({ kind: 'release', signature });
    fail(bench, 'd1');
    bench.recorder.flush();
    expect(failuresOf(bench.takeParts())).toEqual([traceKey('d1')]);
    bench.recorder.brake({ kind: 'brake', signature, forMs: 500 });
    bench.clock.advance(500);
    for (const trace of ['d2', 'd3']) fail(bench, trace);
    bench.recorder.flush();
    expect(failuresOf(bench.takeParts())).toEqual(['d2', 'd3'].map(traceKey));
    expect(bench.recorder.stats().brake.signatures).toBe(0);
  });
});

describe('a transaction that was only counted', () => {
  it('is copied out when someone asks for it, and counts no more', () => {
    const { bench, signature } = braked();
    fail(bench, 'e1');
    bench.recorder.flush();
    expect(bench.recorder.takeBraked()).toMatchObject([{ signature, count: 1 }]);
    bench.recorder.keep(traceKey('e1'));
    bench.settle();
    const [part] = bench.takeParts();
    expect([part?.transaction, part?.overwritten]).toEqual([traceKey('e1'), 0]);
    expect(bench.recorder.takeBraked()).toMatchObject([{ signature, count: -1 }]);
    expect(bench.recorder.stats()).toMatchObject({ keptTransactions: 2, brake: { counted: 0 } });
    expect(sumOfFates(bench)).toBe(true);
  });

  it('stays so when more of it fails late: it was one failure', () => {
    const { bench } = braked();
    fail(bench, 'e2');
    bench.recorder.flush();
    bench.exchange('orders', '/', 500, { trace: 'e2' });
    bench.settle();
    expect(bench.takeParts()).toEqual([]);
    expect(bench.recorder.takeBraked()).toMatchObject([{ count: 1 }]);
    expect(bench.recorder.stats()).toMatchObject({ keptTransactions: 1, tossedTransactions: 0, brake: { counted: 1 } });
  });

  it('is not rescued from age', () => {
    const bench = new Bench({ ringBytes: 16_384, settleMs: 1 });
    bench.exchange('orders', '/', 500, { trace: 'f0' });
    bench.recorder.flush();
    const [part] = bench.takeParts();
    bench.recorder.brake({ kind: 'brake', signature: part?.signature ?? '', forMs: 60_000 });
    const open = bench.call('orders').request('/slow', { trace: 'f1' });
    bench.exchange('orders', '/', 500, { trace: 'f1' });
    for (let index = 0; index < 40; index++) {
      bench.exchange('noise', '/', 200, { trace: `9${index}`, headers: { x: 'x'.repeat(800) } });
      bench.clock.advance(60);
    }
    expect(failuresOf(bench.takeParts())).toEqual([]);
    expect(bench.recorder.takeBraked()).toMatchObject([{ count: 1 }]);
    open.respond(200);
    bench.settle();
    expect(failuresOf(bench.takeParts())).toEqual([]);
    expect(bench.recorder.stats().fates.overwritten.segments).toBe(0);
    expect(sumOfFates(bench)).toBe(true);
  });

  it('is looked at anew, with what turns out to be one with it', () => {
    const { bench } = braked();
    bench.exchange('orders', '/', 200, { requestId: 'r-1' });
    fail(bench, 'a9');
    bench.recorder.flush();
    bench.exchange('gateway', '/', 200, { trace: 'a9', requestId: 'r-1' });
    bench.clock.advance(1_100);
    const [part] = bench.takeParts();
    expect(part?.transaction).toBe(traceKey('a9'));
    expect(bench.recorder.takeBraked()).toEqual([]);
    expect(bench.recorder.stats()).toMatchObject({ keptTransactions: 2, brake: { counted: 0 } });
    expect(sumOfFates(bench)).toBe(true);
  });
});
