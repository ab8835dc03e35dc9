import { describe, expect, it } from 'vitest';
import { SegmentFlag } from '../../../src/domain/segment.ts';
import { decodeGap } from '../../../src/wire/segments/record.ts';
import { Bench, outlineOf, segmentsOf, traceKey } from '../../support/recorder.ts';

describe('a failed cascade over three sidecars', () => {
  /** gateway → orders → pricing, pricing fails; two good transactions run through the same sidecars at the same time. */
  function cascade(bench: Bench): void {
    const gateway = bench.call('gateway').request('/buy', { trace: 'bad' });
    const good = bench.call('gateway').request('/look', { trace: 'good' });
    const toOrders = bench.call('gateway', { direction: 'outbound' }).request('/orders', { trace: 'bad' });
    const orders = bench.call('orders').request('/orders', { trace: 'bad', end: false }).requestBody('{"sku":', false);
    const other = bench.call('orders').request('/orders', { trace: 'other' });
    orders.requestBody('1}', true);
    const toPricing = bench.call('orders', { direction: 'outbound' }).request('/price', { trace: 'bad' });
    const pricing = bench.call('pricing').request('/price', { trace: 'bad' });
    for (const call of [pricing, toPricing, other, orders, toOrders, good, gateway]) {
      call.respond(call === good || call === other ? 200 : 500, { end: false }).responseBody('done', true);
    }
  }

  it('comes out whole, once it is quiet, in the order of arrival', () => {
    const bench = new Bench();
    cascade(bench);
    bench.clock.advance(900);
    expect(bench.parts).toEqual([]);
    bench.clock.advance(200);
    const failures = bench.takeParts().filter((part) => part.purpose === 'failure');
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ transaction: traceKey('bad'), aliases: [], overwritten: 0, subject: '' });
    const segments = segmentsOf(failures[0]);
    // Streams 2 and 5 are the good ones.
    expect([...new Set(segments.map((segment) => segment.stream))]).toEqual([1, 3, 4, 6, 7]);
    expect(segments.map((segment) => segment.at)).toEqual(
      segments.map((segment) => segment.at).toSorted((one, other) => one - other),
    );
    expect(outlineOf(failures[0]).filter((line) => line.startsWith('4.'))).toEqual([
      '4.0 opened',
      '4.1 message',
      '4.2 message',
      '4.3 message',
      '4.4 message',
      '4.5 message',
      '4.6 ended',
    ]);
  });

  it('leaves the good ones to age, and every segment has one fate', () => {
    const bench = new Bench();
    cascade(bench);
    const before = bench.recorder.stats().fates;
    expect(before.inFlight).toEqual(before.received);
    bench.settle();
    const { fates, keptTransactions, tossedTransactions } = bench.recorder.stats();
    expect({ keptTransactions, tossedTransactions }).toEqual({ keptTransactions: 1, tossedTransactions: 2 });
    expect(fates.kept.bytes).toBe(bench.parts.find((part) => part.purpose === 'failure')?.records.length);
    expect(fates.kept.bytes + fates.tossed.bytes).toBe(fates.received.bytes);
    expect(fates.inFlight).toEqual({ segments: 0, bytes: 0 });
  });

  it('is handed over in a buffer of its own, made for it', () => {
    const bench = new Bench();
    cascade(bench);
    bench.settle();
    const records = bench.takeParts().map((part) => part.records);
    expect(records.map(({ byteOffset, buffer }) => [byteOffset, buffer.byteLength])).toEqual(
      records.map(({ length }) => [0, length]),
    );
    expect(new Set(records.map(({ buffer }) => buffer)).size).toBe(records.length);
  });
});

describe('what comes late', () => {
  it('a failure finds what was tossed before', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/buy', 200, { trace: 'a' });
    bench.settle();
    const tossed = bench.recorder.stats().fates.tossed;
    expect(tossed.segments).toBe(4);
    bench.takeParts();
    bench.exchange('mailer', '/send', 500, { trace: 'a' });
    bench.settle();
    const [part] = bench.takeParts();
    expect(new Set(segmentsOf(part).map((segment) => segment.stream))).toEqual(new Set([1, 2]));
    expect(bench.recorder.stats()).toMatchObject({
      keptTransactions: 1,
      tossedTransactions: 0,
      fates: { tossed: { segments: 0 } },
    });
  });

  it('an exchange of a kept transaction makes a further part, with nothing twice', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/buy', 500, { trace: 'a' });
    bench.settle();
    expect(outlineOf(bench.takeParts()[0])).toEqual(['1.0 opened', '1.1 message', '1.2 message', '1.3 ended']);
    bench.exchange('mailer', '/send', 200, { trace: 'a' });
    bench.settle();
    expect(bench.takeParts().map(outlineOf)).toEqual([['2.0 opened', '2.1 message', '2.2 message', '2.3 ended']]);
  });

  it('the end of a call whose exchange is done says nothing, however often', () => {
    const bench = new Bench();
    const call = bench.exchange('gateway', '/buy', 500, { trace: 'a' });
    bench.settle();
    bench.takeParts();
    call.ended().ended('error');
    bench.settle();
    expect(bench.takeParts()).toEqual([]);
    expect(bench.recorder.stats().fates.received.segments).toBe(4);
  });

  it('a keep from elsewhere is a failure like any other, before and after the toss', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/one', 200, { trace: 'a' });
    bench.recorder.keep(traceKey('a'));
    bench.exchange('gateway', '/two', 200, { trace: 'b' });
    bench.settle();
    bench.recorder.keep(traceKey('b'));
    bench.recorder.keep(traceKey('c'));
    bench.settle();
    const kept = bench.takeParts().filter((part) => part.purpose === 'failure');
    expect(kept.map((part) => part.transaction)).toEqual([traceKey('a'), traceKey('b')]);
  });
});

describe('a transaction that does not come to rest', () => {
  it('is copied out in steps after its failure, only what is new each time', () => {
    const bench = new Bench({ maxOpenMs: 10_000 });
    const events = bench.call('gateway').request('/events', { trace: 'a' });
    events.respond(200, { end: false, headers: { 'content-type': 'text/event-stream' } });
    bench.clock.advance(5_000);
    bench.exchange('orders', '/orders', 500, { trace: 'a' });
    bench.clock.advance(9_900);
    expect(bench.parts).toEqual([]);
    bench.clock.advance(200);
    expect(outlineOf(bench.takeParts()[0])).toHaveLength(3 + 4);
    events.responseBody('data: 1\n\n');
    bench.clock.advance(10_100);
    expect(bench.takeParts().map(outlineOf)).toEqual([['1.3 message']]);
    events.ended();
    bench.settle();
    expect(bench.takeParts().map(outlineOf)).toEqual([['1.4 ended']]);
  });

  it('is copied out as it stands when the daemon stops', () => {
    const bench = new Bench();
    bench.call('gateway').request('/buy', { trace: 'a' });
    bench.exchange('orders', '/orders', 500, { trace: 'a' });
    bench.recorder.flush();
    bench.recorder.flush();
    expect(bench.takeParts().map(outlineOf)).toHaveLength(1);
  });

  it('is left alone once the recorder is closed', () => {
    const bench = new Bench();
    bench.exchange('orders', '/orders', 500, { trace: 'a' });
    bench.recorder.close();
    bench.clock.advance(60_000);
    expect(bench.takeParts()).toEqual([]);
  });
});

describe('a ring that is too small', () => {
  it('counts what age took before the verdict, and keeps the rest', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    const call = bench.call('gateway').request('/buy', { trace: 'a', end: false });
    for (let index = 0; index < 10; index++) call.requestBody(new Uint8Array(2_000));
    call.requestBody('', true).respond(500);
    bench.settle();
    const [part] = bench.takeParts();
    const bodies = segmentsOf(part).filter((segment) => segment.payload.length > 2_000).length;
    expect(part?.overwritten).toBe(10 - bodies);
    expect(part?.overwritten).toBeGreaterThan(0);
    const { fates } = bench.recorder.stats();
    expect(fates.overwritten.segments).toBe(part?.overwritten);
    expect(fates.kept.bytes + fates.overwritten.bytes).toBe(fates.received.bytes);
  });

  it('pins what says who speaks in an exchange that outlives it', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    const events = bench.call('gateway').request('/events', { trace: 'a' });
    events.respond(200, { end: false, headers: { 'content-type': 'text/event-stream' } });
    for (let index = 0; index < 40; index++)
      bench
        .call('noise')
        .request('/n', { trace: `f${index}` })
        .responseBody(new Uint8Array(1_000));
    expect(bench.recorder.stats().pinnedBytes).toBeGreaterThan(0);
    events.responseBody('data: last\n\n').ended();
    bench.exchange('orders', '/orders', 500, { trace: 'a' });
    bench.settle();
    const [part] = bench.takeParts();
    expect(outlineOf(part).slice(0, 4)).toEqual(['1.0 opened', '1.1 message', '1.2 message', '1.3 message']);
    expect(
      segmentsOf(part)
        .map((segment) => segment.flags)
        .slice(0, 4),
    ).toEqual([...Array<number>(3).fill(SegmentFlag.pinned), 0]);
    expect(part?.overwritten).toBe(0);
  });

  it('forgets transactions with their last record', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    for (let index = 0; index < 500; index++) {
      bench.exchange('gateway', '/buy', 200, { trace: `${index}` });
      bench.clock.advance(100);
    }
    const { transactions, streams, historySeconds } = bench.recorder.stats();
    expect(transactions).toBeLessThan(60);
    expect(streams).toBe(transactions);
    expect(historySeconds).toBeCloseTo(transactions / 10, 0);
  });
});

describe('budgets', () => {
  it('a body is kept up to its limit; a gap tells how much is missing, and its end is still seen', () => {
    const bench = new Bench({ bodyBytes: 100 });
    const call = bench.call('gateway').request('/buy', { trace: 'a', end: false });
    call
      .requestBody(new Uint8Array(80))
      .requestBody(new Uint8Array(30))
      .requestBody(new Uint8Array(5))
      .requestBody('', true)
      .respond(500);
    bench.settle();
    const segments = segmentsOf(bench.takeParts()[0]);
    expect(segments.map((segment) => `${segment.sequence} ${segment.kind}`)).toEqual([
      '0 opened',
      '1 message',
      '2 message',
      '5 message',
      '6 message',
      '7 gap',
      '8 ended',
    ]);
    expect(decodeGap(segments[5]?.payload ?? new Uint8Array())).toEqual({
      side: 'client',
      reason: 'budget',
      bytes: 35,
    });
    expect(bench.recorder.stats().fates.shed.segments).toBe(2);
  });

  it('a transaction holds no more than its own, and a message no more than a quarter of the ring', () => {
    const bench = new Bench({ transactionBytes: 1_000, ringBytes: 64 * 1024 });
    const call = bench.call('gateway').request('/buy', { trace: 'a' }).respond(500, { end: false });
    call.responseBody(new Uint8Array(900)).responseBody('', true);
    bench
      .call('gateway')
      .request('/big', { trace: 'b' })
      .respond(500, { end: false })
      .responseBody(new Uint8Array(20_000), true);
    bench.settle();
    const gaps = bench.takeParts().map((part) =>
      segmentsOf(part)
        .filter((segment) => segment.kind === 'gap')
        .map((gap) => decodeGap(gap.payload).bytes),
    );
    expect(gaps).toEqual([[900], [20_000]]);
  });

  it('a full index forgets what was settled first, then sheds what is new', () => {
    const bench = new Bench({ indexBytes: 9_000 });
    for (let index = 0; index < 20; index++) {
      bench.exchange('gateway', '/buy', 200, { trace: `${index}` });
      bench.settle();
    }
    expect(bench.recorder.stats()).toMatchObject({ transactions: 5, streams: 5, forgottenTransactions: 15 });
    for (let index = 0; index < 20; index++) bench.call('gateway').request('/buy', { trace: `a${index}` });
    const { streams, fates } = bench.recorder.stats();
    expect(streams).toBe(5);
    expect(fates.shed.segments).toBe(2 * 15);
  });

  it('a full index forgets calls that ended before they said anything: it had been deaf for good after 28,000 of them', () => {
    const bench = new Bench({ indexBytes: 9_000 });
    for (let index = 0; index < 100; index++) bench.call('attacker').ended('cancelled');
    bench.exchange('gateway', '/buy', 500, { trace: 'f' });
    bench.settle();
    expect(bench.takeParts().map((part) => part.transaction)).toEqual([traceKey('f')]);
    const { fates } = bench.recorder.stats();
    expect(fates).toMatchObject({ shed: { segments: 0 }, kept: { segments: 4 }, tossed: { segments: 2 * 100 } });
  });
});
