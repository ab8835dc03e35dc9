import { describe, expect, it } from 'vitest';
import { Bench, segmentsOf, traceId, traceKey } from '../../support/recorder.ts';

function streamsOf(bench: Bench): readonly (readonly number[])[] {
  bench.settle();
  return bench
    .takeParts()
    .filter((part) => part.purpose === 'failure')
    .map((part) => [...new Set(segmentsOf(part).map((segment) => segment.stream))]);
}

describe('a transaction is found', () => {
  it('by B3 when there is no traceparent', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/', 500, { headers: { b3: `${traceId('b')}-00000000000000aa-1` } });
    bench.exchange('orders', '/', 200, { trace: 'b' });
    expect(streamsOf(bench)).toEqual([[1, 2]]);
  });

  it("by the call's own trace when the headers show none", () => {
    const bench = new Bench();
    bench.exchange('gateway', '/', 500, { callTrace: 'c' });
    bench.exchange('orders', '/', 200, { trace: 'c' });
    expect(streamsOf(bench)).toEqual([[1, 2]]);
  });

  it('by x-request-id alone', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/', 500, { requestId: 'r-1' });
    bench.exchange('orders', '/', 200, { requestId: 'r-1' });
    bench.exchange('orders', '/', 500, { requestId: 'r-2' });
    bench.settle();
    expect(bench.takeParts().map((part) => part.transaction)).toEqual(['request:r-1', 'request:r-2']);
  });

  it('by the attribute when the exchange begins with its answer', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/', 500, { requestId: 'r-1' });
    bench
      .call('orders')
      .respond(403, { attributes: { 'request.id': 'r-1', 'request.path': '/' } })
      .ended();
    expect(streamsOf(bench)).toEqual([[1, 2]]);
  });

  it('or is an exchange by itself', () => {
    const bench = new Bench();
    bench.call('orders').respond(503).ended();
    bench.call('orders').respond(503).ended();
    bench.settle();
    expect(bench.takeParts().map((part) => part.transaction)).toEqual([
      'request:00000000000000aa.1',
      'request:00000000000000aa.2',
    ]);
  });

  it('never, for a call without a message', () => {
    const bench = new Bench();
    bench.call('orders').ended('cancelled');
    expect(bench.recorder.stats()).toMatchObject({
      transactions: 0,
      fates: { tossed: { segments: 2 }, inFlight: { segments: 0 } },
    });
  });
});

describe('a trace and a request id on one exchange name one transaction', () => {
  it('whichever was seen first', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/', 200, { requestId: 'r-1' });
    bench.exchange('orders', '/', 500, { requestId: 'r-1', trace: 'a' });
    bench.exchange('pricing', '/', 200, { requestId: 'r-1' });
    bench.exchange('pricing', '/', 200, { trace: 'a' });
    bench.settle();
    const [part, ...more] = bench.takeParts();
    expect(more).toEqual([]);
    expect(part).toMatchObject({ transaction: traceKey('a'), aliases: ['request:r-1'] });
    expect(new Set(segmentsOf(part).map((segment) => segment.stream))).toEqual(new Set([1, 2, 3, 4]));
  });

  it('also when both are known already, each with its own exchanges', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/', 500, { requestId: 'r-1' });
    bench.exchange('orders', '/', 200, { trace: 'a' });
    expect(bench.recorder.stats().transactions).toBe(2);
    bench.exchange('gateway', '/', 200, { requestId: 'r-1', trace: 'a' });
    expect(bench.recorder.stats().transactions).toBe(1);
    expect(streamsOf(bench)).toEqual([[1, 2, 3]]);
  });

  it('also when one of them was copied out or tossed before', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/', 500, { requestId: 'r-1' });
    bench.exchange('orders', '/', 200, { trace: 'a' });
    expect(streamsOf(bench)).toEqual([[1]]);
    bench.exchange('gateway', '/', 200, { requestId: 'r-1', trace: 'a' });
    expect(streamsOf(bench)).toEqual([[2, 3]]);
    expect(bench.recorder.stats()).toMatchObject({ transactions: 1, fates: { tossed: { segments: 0 } } });
  });

  it('but a request id with two traces names neither', () => {
    const bench = new Bench();
    bench.exchange('gateway', '/', 500, { requestId: 'constant', trace: 'a' });
    bench.exchange('gateway', '/', 200, { requestId: 'constant', trace: 'b' });
    bench.exchange('gateway', '/', 500, { requestId: 'constant', trace: 'c' });
    bench.exchange('gateway', '/', 500, { requestId: 'constant' });
    bench.settle();
    const failures = bench.takeParts().filter((part) => part.purpose === 'failure');
    expect(failures.map((part) => [part.transaction, part.aliases])).toEqual([
      [traceKey('a'), []],
      [traceKey('c'), []],
      ['request:constant', []],
    ]);
  });
});

describe('open inbound exchanges', () => {
  it('are counted and, when there is one, named on every record of their instance', () => {
    const bench = new Bench();
    const first = bench.call('orders').request('/1', { trace: 'a' });
    bench.exchange('orders', '/out', 200, { trace: 'a', direction: 'outbound' });
    const second = bench.call('orders').request('/2', { trace: 'a' });
    bench.exchange('orders', '/out', 200, { trace: 'a', direction: 'outbound' });
    bench.exchange('orders', '/elsewhere', 200, { trace: 'a', instance: 'orders-2', direction: 'outbound' });
    first.respond(500);
    second.respond(101, { end: false });
    bench.exchange('orders', '/out', 200, { trace: 'a', direction: 'outbound' });
    second.ended();
    bench.settle();
    const seen = new Map(
      segmentsOf(bench.takeParts()[0]).map((segment) => [segment.stream, `${segment.openInbound} ${segment.owner}`]),
    );
    expect([2, 4, 5, 6].map((stream) => seen.get(stream))).toEqual(['1 1', '2 0', '0 0', '0 0']);
  });
});
