import { describe, expect, it } from 'vitest';
import { DEFAULT_PLACES } from '../../../src/captures/places.ts';
import type { CaptureId } from '../../../src/domain/capture.ts';
import type { WatchedCapture } from '../../../src/recorder/capture-order.ts';
import { Logins } from '../../../src/recorder/logins.ts';
import { Bench, outlineOf, traceKey } from '../../support/recorder.ts';

const ID = 'cap-00000001' as CaptureId;
const ada = { 'x-user-id': 'ada' };

function watch(bench: Bench, more: Partial<WatchedCapture> = {}): void {
  const until = bench.clock.now() + 60_000;
  const capture = { id: ID, until, select: { user: 'ada', pairs: [] }, sessions: [], ...more };
  bench.recorder.captures({ kind: 'captures', places: DEFAULT_PLACES, captures: [capture] });
}

const sent = (bench: Bench) =>
  bench.takeParts().map(({ purpose, transaction, captures }) => ({ purpose, transaction, captures }));
const captured = (trace: string) => ({ purpose: 'capture', transaction: traceKey(trace), captures: [ID] });

describe('while a capture runs', () => {
  it('its candidates go out with its name; a failure stays a failure', () => {
    const bench = new Bench({ exemplarsPerRoute: 0 });
    watch(bench);
    bench.exchange('gateway', '/a', 200, { trace: 'a', headers: ada });
    bench.exchange('gateway', '/b', 500, { trace: 'b', headers: ada });
    bench.exchange('gateway', '/c', 200, { trace: 'c', headers: { 'x-user-id': 'bob' } });
    bench.settle();
    expect(sent(bench)).toEqual([captured('a'), { ...captured('b'), purpose: 'failure' }]);
  });

  it('what it asks for may stand in several exchanges of a transaction', () => {
    const bench = new Bench({ exemplarsPerRoute: 0 });
    watch(bench, { select: { user: 'ada', pairs: [{ place: { kind: 'header', name: 'x-tenant' }, value: '7' }] } });
    bench.exchange('gateway', '/a', 200, { trace: 'a', headers: ada });
    bench.exchange('orders', '/a', 200, { trace: 'a', headers: { 'x-tenant': '7' } });
    bench.exchange('gateway', '/b', 200, { trace: 'b', headers: ada });
    bench.settle();
    expect(sent(bench)).toEqual([captured('a')]);
  });

  it('ends by its time, without being told', () => {
    const bench = new Bench({ exemplarsPerRoute: 0 });
    watch(bench);
    bench.clock.advance(60_000);
    bench.exchange('gateway', '/a', 200, { trace: 'a', headers: ada });
    bench.settle();
    expect(sent(bench)).toEqual([]);
  });

  it('what had gone out for it goes out again, whole, when it fails', () => {
    const bench = new Bench();
    watch(bench);
    bench.exchange('gateway', '/a', 200, { trace: 'a', headers: ada });
    bench.settle();
    bench.takeParts();
    bench.exchange('mailer', '/b', 500, { trace: 'a' });
    bench.settle();
    const [part] = bench.takeParts();
    expect(part).toMatchObject({ purpose: 'failure', captures: [ID] });
    expect(outlineOf(part).filter((line) => line.endsWith('opened'))).toEqual(['1.0 opened', '2.0 opened']);
  });

  it('every segment still has one fate', () => {
    const bench = new Bench();
    watch(bench);
    for (const trace of ['a', 'b', 'c'])
      bench.exchange('gateway', '/a', trace === 'b' ? 500 : 200, { trace, headers: ada });
    bench.exchange('gateway', '/a', 200, { trace: 'd' });
    bench.settle();
    const { fates, keptTransactions, tossedTransactions } = bench.recorder.stats();
    expect({ keptTransactions, tossedTransactions }).toEqual({ keptTransactions: 3, tossedTransactions: 1 });
    expect(fates.kept.bytes + fates.tossed.bytes).toBe(fates.received.bytes);
  });
});

describe('a walk through the ring', () => {
  it('finds what is there, oldest first, in slices, and says how far it reached', () => {
    const bench = new Bench({ exemplarsPerRoute: 0 });
    const began = bench.clock.now();
    for (let number = 1; number <= 40; number += 1) {
      bench.exchange('gateway', `/${number}`, 200, { trace: `${number}`, headers: number % 10 === 0 ? ada : {} });
      bench.clock.advance(1);
    }
    bench.settle();
    watch(bench);
    // Time passes while it walks: a slice ends after some milliseconds.
    const now = bench.clock.now.bind(bench.clock);
    let passed = 0;
    bench.clock.now = () => now() + (passed += 0.5);
    const timers = bench.timersSet;
    bench.recorder.captures({ kind: 'walk', capture: ID, round: 1 });
    expect(bench.captureReports).toEqual([]);
    bench.clock.advance(100);
    expect(bench.timersSet - timers).toBeGreaterThan(5);
    expect(sent(bench)).toEqual(['10', '20', '30', '40'].map(captured));
    expect(bench.captureReports).toEqual([{ kind: 'walked', capture: ID, round: 1, oldestAt: began, found: 4 }]);
  });

  it('takes along what failed before and went out already', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/a', 500, { trace: 'a', headers: ada });
    bench.settle();
    expect(outlineOf(bench.takeParts()[0])).toHaveLength(4);
    watch(bench);
    bench.recorder.captures({ kind: 'walk', capture: ID, round: 1 });
    const [part] = bench.takeParts();
    expect(part).toMatchObject({ purpose: 'failure', captures: [ID] });
    expect(outlineOf(part)).toHaveLength(4);
  });

  it('of a capture that ended meanwhile ends too', () => {
    const bench = new Bench();
    bench.recorder.captures({ kind: 'walk', capture: ID, round: 3 });
    expect(bench.captureReports).toMatchObject([{ kind: 'walked', round: 3, found: 0 }]);
  });
});

describe('while none runs', () => {
  it('only logins are learnt from: they are told when one begins', () => {
    const bench = new Bench();
    bench.recorder.captures({ kind: 'captures', places: DEFAULT_PLACES, captures: [] });
    const at = bench.clock.now();
    const answer = (value: string) => ({ headers: { 'set-cookie': `sid=${value}` } });
    bench.call('gateway').request('/login', { headers: ada }).respond(200, answer('s1'));
    bench.call('gateway').request('/login', { headers: ada }).respond(401, answer('s2'));
    bench.call('gateway').request('/login', {}).respond(200, answer('s3'));
    bench
      .call('gateway')
      .request('/me', { headers: { ...ada, cookie: 'sid=s4' } })
      .respond(200);
    bench
      .call('gateway')
      .request('/login', { headers: { 'x-user-id': 'bob' } })
      .respond(200, answer('s5'));
    watch(bench);
    watch(bench);
    expect(bench.captureReports).toEqual([{ kind: 'sessions', capture: ID, sessions: [{ value: 's1', at }] }]);
  });

  it('what is known of logins is bounded, and the last sighting counts', () => {
    const logins = new Logins();
    for (let number = 0; number < 40_000; number += 1) logins.learn(`s${number}`, 'ada', number);
    expect(logins.size).toBe(32_768);
    for (let number = 0; number < 20_000; number += 1) logins.learn(`${'x'.repeat(400)}${number}`, 'bob', number);
    expect(logins.size).toBeLessThan(11_000);
    logins.learn('x'.repeat(1000), 'eve', 1);
    logins.learn('s', 'ada', 1);
    logins.learn('s', 'bob', 2);
    expect(logins.of('ada').some(({ value }) => value === 's')).toBe(false);
    logins.doubt('s');
    expect([...logins.of('bob'), ...logins.of('eve')].some(({ value }) => value === 's' || value.length > 999)).toBe(
      false,
    );
  });
});
