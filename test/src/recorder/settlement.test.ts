import { describe, expect, it } from 'vitest';
import { Bench, outlineOf, segmentsOf, traceKey } from '../../support/recorder.ts';

function flood(bench: Bench): void {
  for (let index = 0; index < 30; index++) {
    bench.exchange('noise', '/', 200, { trace: `f${index}`, headers: { x: 'x'.repeat(800) } });
  }
}

const small = { ringBytes: 16_384 };

describe('after the verdict age takes nothing any more', () => {
  it('of a transaction that is not quiet yet: it is copied out before', () => {
    const bench = new Bench(small);
    const open = bench.call('gateway').request('/slow', { trace: 'a' });
    bench.exchange('orders', '/', 500, { trace: 'a' });
    flood(bench);
    const [part] = bench.takeParts();
    expect(outlineOf(part)).toEqual([
      '1.0 opened',
      '1.1 message',
      '2.0 opened',
      '2.1 message',
      '2.2 message',
      '2.3 ended',
    ]);
    expect(part?.overwritten).toBe(0);
    open.respond(500);
    bench.settle();
    const later = bench.takeParts().filter(({ purpose }) => purpose === 'failure');
    expect(later.map(outlineOf)).toEqual([['1.2 message', '1.3 ended']]);
  });

  it('of a transaction that is asked for after it was tossed', () => {
    const bench = new Bench(small);
    bench.exchange('gateway', '/', 404, { trace: 'a' });
    bench.settle();
    bench.recorder.keep(traceKey('a'));
    flood(bench);
    expect(bench.takeParts().map(outlineOf)).toEqual([['1.0 opened', '1.1 message', '1.2 message', '1.3 ended']]);
  });

  it('of a transaction that never rests, one part per lap at most', () => {
    const bench = new Bench(small);
    bench.exchange('orders', '/', 500, { trace: 'a' });
    for (let index = 0; index < 300; index++) {
      bench.exchange('orders', '/', 200, { trace: 'a' });
      bench.clock.advance(10);
    }
    const laps = bench.recorder.stats().fates.received.bytes / small.ringBytes;
    bench.settle();
    const parts = bench.takeParts();
    expect(parts.length).toBeLessThanOrEqual(2 * laps);
    const sent = parts.flatMap((part) => segmentsOf(part));
    expect(new Set(sent.map(({ stream, sequence }) => `${stream}.${sequence}`)).size).toBe(301 * 4);
    expect(sent).toHaveLength(301 * 4);
  });
});

describe('a transaction is quiet', () => {
  it('when nothing is open and nothing new came for a while', () => {
    const bench = new Bench();
    const call = bench.call('orders').request('/', { trace: 'a' });
    bench.clock.advance(60_000);
    call.respond(500, { end: false });
    bench.clock.advance(5_000);
    call.responseBody('', true);
    bench.clock.advance(990);
    bench.exchange('mailer', '/', 200, { trace: 'a' });
    bench.clock.advance(990);
    expect(bench.takeParts()).toEqual([]);
    bench.clock.advance(100);
    expect(bench.takeParts().map((part) => segmentsOf(part).length)).toEqual([9]);
  });

  it('by one timer, however many wait', () => {
    const bench = new Bench();
    for (let index = 0; index < 100; index++) bench.exchange('orders', '/', 200, { trace: `${index}` });
    bench.settle();
    expect(bench.recorder.stats().tossedTransactions).toBe(100);
    expect(bench.timersSet).toBeGreaterThan(0);
    expect(bench.timersSet).toBeLessThan(5);
  });
});
