import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import { Bench, traceKey } from '../../support/recorder.ts';
import type { LogOptions, Start } from '../../support/recorder.ts';

/** The bench's clock begins a little later. */
const LONG_AGO: Start = { requestId: 'tunnel-1', micros: 1_789_996_400_000_123, port: 40_009 };
const TUNNEL: LogOptions = {
  direction: 'outbound',
  protocol: 'postgres',
  method: 'CONNECT',
  authority: 'postgres.shop:5432',
  code: 200,
};
const PERIODIC: LogOptions = { ...TUNNEL, common: { accessLogType: 'DownstreamPeriodic' } };
const BEGAN = new Date(LONG_AGO.micros / 1000).toISOString().slice(0, 19).replace('T', ' ');
const OLDER = `a connection to postgres.shop:5432 that began ${BEGAN} UTC, before it could be recorded: its commands are missing`;

function fail(bench: Bench, trace: string, service = 'orders'): readonly string[] {
  bench.exchange(service, '/pay', 500, { trace });
  bench.settle();
  return holesOf(bench, trace);
}

function holesOf(bench: Bench, trace: string): readonly string[] {
  const parts = bench.takeParts().filter(({ purpose }) => purpose === 'failure');
  return assemble(traceKey(trace), parts).holes.map(({ what }) => what);
}

describe('a connection that began before it could be recorded', () => {
  it('is a hole of every transaction that its instance serves while it goes on, and of no other', () => {
    const bench = new Bench();
    bench.log('orders', LONG_AGO, PERIODIC);
    expect(fail(bench, 'a1')).toEqual([OLDER]);
    expect(fail(bench, 'a2', 'pricing')).toEqual([]);
    bench.log('orders', LONG_AGO, PERIODIC);
    expect(fail(bench, 'a3')).toEqual([OLDER]);
    bench.log('orders', LONG_AGO, { ...TUNNEL, durationMs: bench.clock.now() - LONG_AGO.micros / 1000 });
    bench.settle();
    expect(fail(bench, 'a4')).toEqual([]);
  });

  it('that was found after a transaction was kept follows it', () => {
    const bench = new Bench();
    bench.exchange('orders', '/pay', 500, { trace: 'b1' });
    bench.settle();
    const early = bench.takeParts();
    bench.log('orders', LONG_AGO, PERIODIC);
    bench.settle();
    const parts = [...early, ...bench.takeParts()];
    expect(assemble(traceKey('b1'), parts).holes.map(({ what }) => what)).toEqual([OLDER]);
  });

  it('and ended before an entry came is one of what was served meanwhile', () => {
    const bench = new Bench();
    bench.exchange('orders', '/pay', 500, { trace: 'c1' });
    const durationMs = bench.clock.now() + 200 - LONG_AGO.micros / 1000;
    bench.clock.advance(200);
    bench.log('orders', LONG_AGO, { ...TUNNEL, durationMs });
    bench.clock.advance(4_000);
    expect(holesOf(bench, 'c1')).toEqual([OLDER]);
    expect(fail(bench, 'c2')).toEqual([]);
  });

  it('is still one when age has taken all that was there when it was found', () => {
    const bench = new Bench({ ringBytes: 64 * 1024 });
    bench.log('orders', LONG_AGO, PERIODIC);
    for (let call = 0; call < 400; call += 1) bench.exchange('pricing', `/${call}`, 200);
    expect(fail(bench, 'd1')).toEqual([OLDER]);
  });

  it('is forgotten when its Envoy says nothing of it for half a minute', () => {
    const bench = new Bench();
    bench.log('orders', LONG_AGO, PERIODIC);
    bench.clock.advance(25_000);
    bench.log('orders', LONG_AGO, PERIODIC);
    bench.clock.advance(25_000);
    expect(fail(bench, 'e1')).toEqual([OLDER]);
    bench.clock.advance(10_000);
    expect(fail(bench, 'e2')).toEqual([]);
  });

  it('of an Envoy whose log does not name its instance is found by the host that the tunnel names', () => {
    const bench = new Bench();
    const unnamed = { certain: false, instance: 'node-7', requestHeaders: { 'x-loop-instance': 'orders-1' } };
    expect(bench.log('orders', LONG_AGO, { ...PERIODIC, ...unnamed })).toBe('orders-1');
    expect(fail(bench, 'f1')).toEqual([OLDER]);
  });
});

describe('a connection whose recording broke off', () => {
  const start: Start = { ...LONG_AGO, micros: 1_789_999_999_000_000 };

  it('is a hole from then on, and none while it was recorded', () => {
    const bench = new Bench();
    const call = bench.call('orders', { direction: 'outbound', protocol: 'postgres' });
    call.request('', { method: 'CONNECT', authority: 'postgres.shop:5432', start, end: false });
    call.respond(200, { end: false });
    bench.clock.advance(6_000);
    bench.log('orders', start, PERIODIC);
    expect(fail(bench, 'a1')).toEqual([]);
    call.ended();
    const brokeOff = bench.clock.now();
    bench.clock.advance(500);
    bench.log('orders', start, PERIODIC);
    expect(fail(bench, 'a2')).toEqual([]);
    bench.clock.advance(5_000);
    bench.log('orders', start, PERIODIC);
    const since = new Date(brokeOff).toISOString().slice(0, 19).replace('T', ' ');
    expect(fail(bench, 'a3')).toEqual([
      expect.stringMatching(`was not recorded from ${since} UTC on: its commands are missing$`),
    ]);
  });
});
