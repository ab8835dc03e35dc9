import { describe, expect, it } from 'vitest';
import { DEFAULT_PLACES } from '../../../src/captures/places.ts';
import type { CaptureId } from '../../../src/domain/capture.ts';
import type { RecorderStats } from '../../../src/recorder/stats.ts';
import { decodeGap } from '../../../src/wire/segments/record.ts';
import { Bench, outlineOf, segmentsOf, traceKey } from '../../support/recorder.ts';

const ALL = { level: 2, share: 1 } as const;
const NONE = { level: 0, share: 0 } as const;

function sumIsRight({ fates: { received, ...others } }: RecorderStats): boolean {
  const all = Object.values(others);
  const sum = (of: 'segments' | 'bytes') => all.reduce((total, tally) => total + tally[of], 0);
  return sum('segments') === received.segments && sum('bytes') === received.bytes;
}

function gapsOf(bench: Bench): readonly unknown[] {
  return bench.takeParts().flatMap((part) =>
    segmentsOf(part)
      .filter(({ kind }) => kind === 'gap')
      .map(({ payload }) => decodeGap(payload)),
  );
}

describe('an overloaded recorder', () => {
  it('gives up bodies of exchanges that begin, and keeps what they said in heads', () => {
    const bench = new Bench();
    const before = bench.call('shop').request('/before', { trace: '1', end: false });
    bench.recorder.shed({ level: 1, share: 0 });
    before.requestBody('whole', true).respond(500).ended();
    bench.call('shop').request('/after', { trace: '2', end: false }).requestBody('given up', true).respond(500).ended();
    bench.settle();
    const [first, second] = bench.takeParts();
    expect(outlineOf(first).map((line) => line.split(' ')[1])).toEqual([
      'opened',
      'message',
      'message',
      'message',
      'ended',
    ]);
    expect(outlineOf(second).map((line) => line.split(' ')[1])).toEqual([
      'opened',
      'message',
      'message',
      'gap',
      'ended',
    ]);
    const gaps = segmentsOf(second).filter(({ kind }) => kind === 'gap');
    expect(gaps.map(({ payload }) => decodeGap(payload))).toEqual([{ side: 'client', reason: 'shed', bytes: 8 }]);
    expect(bench.recorder.stats()).toMatchObject({ shedding: { level: 1, bodies: 1, exchanges: 0 } });
    expect(sumIsRight(bench.recorder.stats())).toBe(true);
  });

  it('leaves their bodies to those that are kept, or wanted by a capture, as soon as that is known', () => {
    const bench = new Bench();
    const select = { user: 'ada', pairs: [] };
    const capture = { id: 'cap-00000001' as CaptureId, until: bench.clock.now() + 60_000, select, sessions: [] };
    bench.recorder.captures({ kind: 'captures', places: DEFAULT_PLACES, captures: [capture] });
    const outer = bench.call('shop').request('/kept', { trace: '1' });
    bench.recorder.keep(traceKey('1'));
    bench.recorder.shed({ level: 1, share: 0 });
    const headers = { 'x-user-id': 'ada' };
    for (const options of [{ trace: '1' }, { trace: '2', headers }])
      bench
        .call('prices')
        .request('/p', { ...options, end: false })
        .requestBody('whole', true)
        .respond(200)
        .ended();
    outer.respond(200).ended();
    bench.settle();
    const parts = bench.takeParts().filter(({ purpose }) => purpose !== 'exemplar');
    expect(parts.map(({ transaction }) => transaction).toSorted()).toEqual([traceKey('1'), traceKey('2')]);
    expect(parts.flatMap((part) => outlineOf(part)).filter((line) => line.includes('gap'))).toEqual([]);
    expect(bench.recorder.stats().shedding).toMatchObject({ level: 1, bodies: 0 });
    expect(sumIsRight(bench.recorder.stats())).toBe(true);
  });

  it('keeps the bodies of what is recalled, whose heads are missing, up to their budget; each gap says why', () => {
    const bench = new Bench({ bodyBytes: 20 });
    bench.recorder.shed(ALL);
    const call = bench.call('shop').request('/orders', { trace: '1' }).respond(200, { end: false });
    bench.recorder.keep(traceKey('1'));
    call.responseBody('fits, all of it').responseBody('and this does not', true).ended();
    bench.settle();
    const [part] = bench.parts;
    expect(outlineOf(part)).toEqual(['1.0 opened', '1.3 message', '1.5 gap', '1.6 gap', '1.7 gap', '1.8 ended']);
    expect(gapsOf(bench)).toEqual([
      { side: 'client', reason: 'shed', bytes: expect.any(Number) },
      { side: 'server', reason: 'shed', bytes: expect.any(Number) },
      { side: 'server', reason: 'budget', bytes: 17 },
    ]);
    expect(sumIsRight(bench.recorder.stats())).toBe(true);
  });

  it('gives up a transaction as a whole, on every hop, also when there is room again before it is over', () => {
    const bench = new Bench();
    bench.recorder.shed(ALL);
    const outer = bench.call('shop').request('/', { trace: '1' });
    bench.recorder.shed(NONE);
    bench.exchange('prices', '/p', 200, { trace: '1' }).ended();
    outer.respond(200).ended();
    bench.exchange('shop', '/', 200, { trace: '2' }).ended();
    bench.settle();
    const { shedding, fates } = bench.recorder.stats();
    expect(shedding).toMatchObject({ exchanges: 2, recalled: 0 });
    // Beginning, request, answer and end of both.
    expect(fates.shed.segments).toBe(8);
    expect(sumIsRight(bench.recorder.stats())).toBe(true);
    // Half a transaction is no example of its route; the second one is.
    expect(bench.takeParts().map(({ purpose, transaction }) => [purpose, transaction])).toEqual([
      ['exemplar', traceKey('2')],
    ]);
  });

  it('keeps one that fails from there on, and what is missing is said', () => {
    const bench = new Bench();
    bench.recorder.shed(ALL);
    bench.call('shop').request('/orders', { trace: '1' }).respond(502, { end: false }).responseBody('no', true).ended();
    bench.settle();
    expect(bench.recorder.stats().shedding).toMatchObject({ exchanges: 1, recalled: 1 });
    const [part] = bench.parts;
    expect(part).toMatchObject({ purpose: 'failure', transaction: traceKey('1') });
    // The request is the one that is missing.
    expect(outlineOf(part)).toEqual(['1.0 opened', '1.2 message', '1.3 message', '1.4 gap', '1.5 ended']);
    expect(gapsOf(bench)).toMatchObject([{ side: 'client', reason: 'shed' }]);
    expect(sumIsRight(bench.recorder.stats())).toBe(true);
  });

  it('keeps one of which only its end, or the access log, tells that it failed: who spoke, and how much is missing', () => {
    const bench = new Bench();
    const start = { requestId: 'r-1', micros: 1_700_000_000_000_000, port: 40_001 };
    bench.recorder.shed(ALL);
    bench.call('shop').request('/broken', { trace: '1' }).respond(200, { end: false }).ended();
    const call = bench.call('shop').request('/logged', { trace: '2', start }).respond(200, { end: false });
    bench.log('shop', start, { flags: ['upstreamProtocolError'], code: 200 });
    call.ended();
    bench.settle();
    const [broken, logged] = bench.takeParts();
    expect([broken?.transaction, logged?.transaction]).toEqual([traceKey('1'), traceKey('2')]);
    expect(outlineOf(broken)).toEqual(['1.0 opened', '1.4 gap', '1.5 gap', '1.6 ended']);
    expect(outlineOf(logged)).toEqual(['2.0 opened', '2.5 gap', '2.6 gap', '2.7 ended']);
    expect(bench.recorder.stats().shedding).toMatchObject({ exchanges: 2, recalled: 2 });
    expect(sumIsRight(bench.recorder.stats())).toBe(true);
  });

  it('holds nothing of what it gave up, and gives up what comes of it late, by any of its keys, for a minute', () => {
    const bench = new Bench();
    bench.recorder.shed(ALL);
    bench.exchange('shop', '/', 200, { trace: '1', requestId: 'r-1' }).ended();
    bench.recorder.shed(NONE);
    bench.settle();
    expect(bench.recorder.stats()).toMatchObject({ transactions: 0, streams: 0, shedding: { exchanges: 1 } });
    bench.exchange('prices', '/late', 200, { requestId: 'r-1' }).ended();
    bench.exchange('prices', '/other', 200, { requestId: 'r-2' }).ended();
    bench.settle();
    expect(bench.recorder.stats()).toMatchObject({ transactions: 1, shedding: { exchanges: 2 } });
    bench.clock.advance(61_000);
    bench.exchange('prices', '/anew', 200, { requestId: 'r-1' }).ended();
    expect(bench.recorder.stats().shedding.exchanges).toBe(2);
    expect(sumIsRight(bench.recorder.stats())).toBe(true);
  });

  it('tells a loop that part of it was given up', () => {
    const bench = new Bench();
    bench.recorder.shed(ALL);
    const outer = bench.call('shop').request('/', { trace: '1' });
    bench.exchange('prices', '/p', 200, { trace: '1' }).ended();
    outer.respond(500).ended();
    bench.settle();
    const [part] = bench.takeParts();
    // Of the inner exchange: its beginning, request, answer and end.
    expect(part).toMatchObject({ purpose: 'failure', overwritten: 4 });
  });

  it('takes what a loop elsewhere wants from there on', () => {
    const bench = new Bench();
    bench.recorder.shed(ALL);
    const call = bench.call('shop').request('/', { trace: '1' });
    bench.recorder.keep(traceKey('1'));
    call.respond(200).ended();
    bench.exchange('prices', '/p', 200, { trace: '1' }).ended();
    bench.settle();
    expect(bench.recorder.stats().shedding).toMatchObject({ exchanges: 1, recalled: 1 });
    const kinds = segmentsOf(bench.parts[0]).map(({ stream, kind }) => `${stream} ${kind}`);
    expect(kinds.filter((line) => line === '1 message')).toHaveLength(1);
    expect(kinds.filter((line) => line === '2 message')).toHaveLength(2);
  });

  it('an exchange that is given up is open all the same: what its instance asks meanwhile is not another’s', () => {
    const bench = new Bench();
    bench.recorder.shed(ALL);
    const given = bench.call('shop').request('/1', { trace: '1' });
    bench.recorder.shed(NONE);
    bench.call('shop').request('/2', { trace: '2' }).respond(500).ended();
    given.respond(200).ended();
    bench.settle();
    const owners = segmentsOf(bench.parts[0]).map(({ openInbound, owner }) => [openInbound, owner]);
    expect(owners[0]).toEqual([2, 0]);
  });

  it('gives up the same ones as others with its seed, and with a larger share those and more', () => {
    const givenUp = (share: number, shedSeed: number) => {
      const bench = new Bench({ shedSeed });
      bench.recorder.shed({ level: 2, share });
      return Array.from({ length: 400 }, (_, index) => {
        const before = bench.recorder.stats().shedding.exchanges;
        bench.exchange('shop', '/', 200, { trace: (index + 1).toString(16) }).ended();
        return bench.recorder.stats().shedding.exchanges > before;
      });
    };
    const count = (all: readonly boolean[]) => all.filter(Boolean).length;
    const [tenth, half] = [givenUp(0.1, 7), givenUp(0.5, 7)];
    expect(tenth).toEqual(givenUp(0.1, 7));
    expect(tenth.every((given, index) => !given || half[index])).toBe(true);
    expect(count(tenth)).toBeGreaterThan(15);
    expect(count(tenth)).toBeLessThan(75);
    expect(count(half)).toBeGreaterThan(150);
    expect(count(half)).toBeLessThan(250);
    expect(givenUp(0.5, 8)).not.toEqual(half);
  });
});

describe('an index without room', () => {
  it('counts exchanges it refuses as open: what their instance asks meanwhile is nobody’s for sure', () => {
    const room = 12;
    // 1,100 bytes of a stream and 700 of a transaction.
    const bench = new Bench({ indexBytes: room * 1800 });
    const held = bench.call('shop').request('/held', { trace: 'fa' });
    const others = Array.from({ length: room }, (_, index) =>
      bench.call('other').request('/', { trace: (index + 1).toString(16) }),
    );
    const refused = bench.call('shop').request('/refused', { trace: 'fb' });
    expect(bench.recorder.stats().fates.shed.segments).toBeGreaterThan(0);
    held.respond(500, { end: false }).responseBody('while both are open');
    refused.respond(200).ended();
    held.responseBody('alone again', true).ended();
    for (const other of others) other.respond(200).ended();
    bench.settle();
    const failed = bench.parts.find(({ purpose }) => purpose === 'failure');
    const owners = segmentsOf(failed).map(({ openInbound, owner }) => [openInbound, owner]);
    expect(owners.slice(0, 5)).toEqual([
      [1, 1],
      [1, 1],
      [2, 0],
      [2, 0],
      [1, 1],
    ]);
  });
});
