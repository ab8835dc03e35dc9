import { describe, expect, it } from 'vitest';
import { Bench, outlineOf, segmentsOf } from '../../support/recorder.ts';

/** Pushes everything else out of a ring of 16 KiB. */
function flood(bench: Bench): void {
  for (let index = 0; index < 30; index++) {
    bench.exchange('noise', '/', 200, { trace: `f${index}`, headers: { x: 'x'.repeat(800) } });
  }
}

function openStream(bench: Bench, trace: string, headers: Record<string, string> = {}) {
  const call = bench.call('gateway').request('/events', { trace, headers });
  return call.respond(200, { end: false, headers: { 'content-type': 'text/event-stream' } });
}

describe('what is pinned', () => {
  it('is only what open exchanges still need', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    const open = openStream(bench, 'a');
    bench.exchange('orders', '/', 200, { trace: 'b' });
    flood(bench);
    const { pinnedBytes, fates } = bench.recorder.stats();
    expect(pinnedBytes).toBeGreaterThan(0);
    expect(fates.inFlight.bytes).toBeGreaterThanOrEqual(pinnedBytes);
    open.ended();
    bench.settle();
    expect(bench.recorder.stats()).toMatchObject({ pinnedBytes: 0, fates: { inFlight: { segments: 0, bytes: 0 } } });
  });

  it('is bounded: beyond, age takes it as it takes the rest', () => {
    const bench = new Bench({ ringBytes: 16_384, pinnedBytes: 2_000 });
    const calls = Array.from({ length: 10 }, (_, index) => openStream(bench, `a${index}`, { x: 'x'.repeat(300) }));
    flood(bench);
    expect(bench.recorder.stats().pinnedBytes).toBeLessThanOrEqual(2_000);
    expect(bench.recorder.stats().fates.overwritten.segments).toBeGreaterThan(10);
    for (const call of calls) call.ended();
    bench.settle();
    expect(bench.recorder.stats().pinnedBytes).toBe(0);
  });

  it('goes out once, and what came before the loss is told by the count', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    const open = openStream(bench, 'a').responseBody('data: early\n\n');
    flood(bench);
    open.responseBody('data: late\n\n');
    bench.exchange('orders', '/', 500, { trace: 'a' });
    bench.clock.advance(10_100);
    const [first] = bench.takeParts().filter((part) => part.purpose === 'failure');
    expect(outlineOf(first).slice(0, 4)).toEqual(['1.0 opened', '1.1 message', '1.2 message', '1.4 message']);
    expect(first?.overwritten).toBe(1);
    flood(bench);
    open.ended();
    bench.settle();
    const [second] = bench.takeParts().filter((part) => part.purpose === 'failure');
    expect(outlineOf(second)).toEqual(['1.5 ended']);
    expect(second?.overwritten).toBe(0);
  });

  it('still goes out when everything else of its exchange is gone', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    const open = openStream(bench, 'a');
    flood(bench);
    open.ended();
    flood(bench);
    bench.exchange('orders', '/', 500, { trace: 'a' });
    bench.settle();
    const [part] = bench.takeParts().filter(({ purpose }) => purpose === 'failure');
    expect(segmentsOf(part).filter(({ stream }) => stream === 1)).toHaveLength(3);
    expect(part?.overwritten).toBe(1);
  });
});

describe('what was tossed', () => {
  it('stays so when age takes it, also behind an index that has forgotten it', () => {
    const bench = new Bench({ ringBytes: 16_384, indexBytes: 9_000 });
    for (let index = 0; index < 100; index++) {
      bench.exchange('gateway', '/buy', 200, { trace: `${index}` });
      bench.settle();
    }
    const { fates, forgottenTransactions } = bench.recorder.stats();
    expect(forgottenTransactions).toBeGreaterThan(0);
    expect(fates.tossed).toEqual(fates.received);
  });

  it('of what comes behind it nothing is decided: a late failure takes both, and age takes it for lost', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    bench.exchange('gateway', '/buy', 200, { trace: 'a' });
    bench.settle();
    const { tossed } = bench.recorder.stats().fates;
    bench.call('orders').request('/buy', { trace: 'a' });
    expect(bench.recorder.stats().fates).toMatchObject({ tossed, inFlight: { segments: 2 } });
    bench.exchange('pricing', '/price', 500, { trace: 'a' });
    bench.clock.advance(10_100);
    expect(bench.recorder.stats().fates).toMatchObject({ tossed: { segments: 0 }, inFlight: { segments: 0 } });

    const open = bench.call('gateway').request('/events', { trace: 'b', end: false });
    for (let index = 0; index < 10; index++) open.requestBody(new Uint8Array(2_000));
    expect(bench.recorder.stats().fates.overwritten.segments).toBeGreaterThan(0);
  });
});
