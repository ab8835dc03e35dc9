import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { judgeTransaction } from '../../../src/verdict/origin.ts';
import { judgeExchange } from '../../../src/verdict/rules.ts';
import { Bench, outlineOf, traceKey } from '../../support/recorder.ts';
import type { Start } from '../../support/recorder.ts';

const START: Start = { requestId: 'r-1', micros: 1_789_999_999_900_123, port: 40_001 };
const BEFORE: Start = { ...START, requestId: 'r-0' };
const TRACEPARENT = '00-000000000000000000000000000000aa-00000000000000ab-01';

/** A bench on which the sidecar of `orders` has sent entries before. */
function bench(limits: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const made = new Bench(limits);
  made.call('orders').request('/', { start: BEFORE }).respond(200);
  made.log('orders', BEFORE, { code: 200 });
  made.settle();
  made.takeParts();
  return made;
}

/** An answer that begins and does not end; its call ends a second later. */
function cutOff(made: Bench, start = START) {
  const call = made.call('orders').request('/slow', { trace: 'aa', start }).respond(200, { end: false });
  return call.responseBody('half');
}

function failures(made: Bench): readonly RecordedPart[] {
  return made.takeParts().filter(({ purpose }) => purpose === 'failure');
}

function judged(parts: readonly RecordedPart[]) {
  const transaction = assemble(traceKey('aa'), parts);
  return { transaction, verdict: judgeTransaction(transaction, judgeExchange) };
}

describe('an answer that began and never ended', () => {
  it('is kept when the upstream broke it off, with the entry behind its messages', () => {
    const made = bench();
    const call = cutOff(made);
    made.log('orders', START, { code: 200, flags: ['upstreamProtocolError'], durationMs: 40 });
    call.ended();
    made.settle();
    const parts = failures(made);
    expect(parts.map(outlineOf)).toEqual([
      ['2.0 opened', '2.1 message', '2.2 message', '2.3 message', '2.4 log', '2.5 ended'],
    ]);
    const { transaction, verdict } = judged(parts);
    expect(verdict).toMatchObject({ decision: 'keep', failures: [{ kind: 'reset' }] });
    expect(transaction.exchanges).toMatchObject([{ flags: ['UPE'], logged: true, end: 'closed' }]);
    expect(transaction.holes).toEqual([]);
  });

  it('is tossed when its client left, whether the log says so before the call ends or after', () => {
    for (const early of [true, false]) {
      const made = bench();
      const call = cutOff(made);
      const log = () => made.log('orders', START, { code: 200, flags: ['downstreamConnectionTermination'] });
      if (early) log();
      call.ended();
      made.clock.advance(1_200);
      if (!early) log();
      made.clock.advance(5_000);
      expect(failures(made)).toEqual([]);
      expect(made.recorder.stats()).toMatchObject({ keptTransactions: 0, tossedTransactions: 2 });
    }
  });

  it('is kept when the log says nothing for 1.5 s', () => {
    const made = bench();
    cutOff(made).ended();
    made.clock.advance(1_450);
    expect(made.recorder.stats()).toMatchObject({ keptTransactions: 0, tossedTransactions: 1 });
    made.clock.advance(1_200);
    expect(failures(made)).toHaveLength(1);
  });

  it('is never taken back once kept', () => {
    const made = bench();
    cutOff(made).ended();
    made.clock.advance(3_000);
    expect(failures(made)).toHaveLength(1);
    made.log('orders', START, { code: 200, flags: ['downstreamRemoteReset'] });
    made.settle();
    expect(failures(made).map(outlineOf)).toEqual([['2.5 log']]);
    expect(made.recorder.stats().keptTransactions).toBe(1);
  });

  it('is judged at once where the instance sends no log, or the daemon stops', () => {
    const silent = new Bench();
    cutOff(silent).ended();
    silent.settle();
    expect(failures(silent)).toHaveLength(1);

    const stopped = bench();
    cutOff(stopped).ended();
    stopped.recorder.flush();
    expect(failures(stopped)).toHaveLength(1);
  });

  it('was whole when the log has no flag: its tail was lost on the way to the recorder', () => {
    const made = bench();
    const call = cutOff(made);
    made.log('orders', START, { code: 200 });
    call.ended();
    made.settle();
    expect(failures(made)).toEqual([]);
  });
});

describe('a gRPC call that was left without an answer', () => {
  const asked = (made: Bench) => {
    const call = made.call('orders');
    const headers = { 'content-type': 'application/grpc', 'grpc-timeout': '400m' };
    return call.request('/shop.Orders/Buy', { method: 'POST', trace: 'aa', start: START, headers });
  };
  const left = (made: Bench, durationMs: number) =>
    made.log('orders', START, { flags: ['downstreamRemoteReset'], durationMs });

  it.each([
    [402, 'when its deadline had passed, is kept', 1],
    [300, 'before that, is tossed', 0],
  ])('after %d ms, %s, whether the log comes before the call ends or after', (ms, _what, kept) => {
    for (const early of [true, false]) {
      const made = bench();
      const call = asked(made);
      made.clock.advance(ms);
      if (early) left(made, ms);
      // Envoy holds the call open for a second.
      made.clock.advance(1100);
      call.ended();
      if (!early) left(made, ms);
      made.settle();
      expect(failures(made)).toHaveLength(kept);
    }
  });

  it.each([
    [1400, 'kept', ['timeout']],
    [1300, 'tossed', []],
  ])('without a log is judged by the end of its call: after %d ms it is %s', (ms, _what, kinds) => {
    const made = new Bench();
    const call = asked(made);
    made.clock.advance(ms);
    call.ended();
    made.settle();
    const parts = failures(made);
    expect(parts.flatMap((part) => judged([part]).verdict.failures.map(({ kind }) => kind))).toEqual(kinds);
  });
});

describe('an entry is of the exchange', () => {
  it('whose id, start and caller it has: not of another hop or try with the same id', () => {
    const made = bench();
    const starts = [0, 1, 2].map((index) => ({ ...START, micros: START.micros + index, port: 40_001 + index }));
    const calls = starts.map((start) => cutOff(made, start));
    made.log(
      'orders',
      { ...START, micros: START.micros + 1, port: 40_002 },
      { flags: ['upstreamRemoteReset'], code: 200 },
    );
    for (const index of [0, 2])
      made.log('orders', starts[index] ?? START, { flags: ['downstreamRemoteReset'], code: 200 });
    for (const call of calls) call.ended();
    made.settle();
    const { transaction } = judged(failures(made));
    expect(transaction.exchanges.map(({ flags }) => flags)).toEqual([['DR'], ['UR'], ['DR']]);
  });

  it.each([
    ['another instance', 'orders', { instance: 'orders-2' }],
    ['the other side', 'orders', { direction: 'outbound' as const }],
    ['another service', 'pricing', {}],
  ])('and no other: the log of %s stands alone', (_what, service, options) => {
    const made = new Bench();
    made.call('orders').request('/', { start: START }).respond(200);
    expect(made.log(service, START, options)).toBeUndefined();
    made.clock.advance(3_000);
    expect(made.recorder.stats().logs).toEqual({ joined: 0, alone: 1, waiting: 0 });
  });

  it('and tells whose log it is when that is not known', () => {
    const made = new Bench();
    made.call('orders', { instance: 'pod-7f' }).request('/', { start: START }).respond(200);
    expect(made.log('orders', START, { instance: 'node', certain: false })).toBe('pod-7f');
  });

  it('once: a repeat is shed', () => {
    const made = bench();
    cutOff(made);
    made.log('orders', START, { code: 200 });
    const { fates } = made.recorder.stats();
    made.log('orders', START, { code: 200 });
    expect(made.recorder.stats().fates.shed.segments).toBe(fates.shed.segments + 1);
    expect(made.recorder.stats().logs).toEqual({ joined: 2, alone: 0, waiting: 0 });
  });

  it('when it comes first as well', () => {
    const made = bench();
    made.log('orders', START, { code: 200, flags: ['upstreamConnectionTermination'] });
    expect(made.recorder.stats().logs.waiting).toBe(1);
    made.clock.advance(1_000);
    cutOff(made).ended();
    made.settle();
    expect(outlineOf(failures(made)[0])).toEqual([
      '2.0 opened',
      '2.1 message',
      '2.2 log',
      '2.3 message',
      '2.4 message',
      '2.5 ended',
    ]);
    expect(made.recorder.stats().logs).toEqual({ joined: 2, alone: 0, waiting: 0 });
  });

  it('and no record of another moment of it', () => {
    const made = bench();
    cutOff(made);
    made.log('orders', START, { common: { accessLogType: 'DownstreamPeriodic' } });
    expect(made.recorder.stats()).toMatchObject({ logs: { joined: 1, waiting: 0 }, fates: { shed: { segments: 1 } } });
  });
});

describe('what the filter did not show', () => {
  it('is known from the log: an answer of Envoy itself', () => {
    const made = bench();
    made.call('orders').request('/slow', { trace: 'aa', start: START }).ended();
    made.settle();
    expect(failures(made)).toEqual([]);
    made.log('orders', START, { code: 504, flags: ['upstreamRequestTimeout'], details: 'response_timeout' });
    made.settle();
    const parts = failures(made);
    expect(parts).toHaveLength(1);
    const { transaction, verdict } = judged(parts);
    expect(verdict.failures).toMatchObject([{ kind: 'timeout', summary: '504 UT (response timeout)' }]);
    expect(transaction.holes.map(({ what }) => what)).toEqual([
      'inbound GET /slow at orders: the answer is told by the access log alone',
    ]);
    expect(made.recorder.stats()).toMatchObject({ keptTransactions: 1, tossedTransactions: 1 });
  });

  it('is an exchange of its own when nothing of it came', () => {
    const made = bench();
    made.log('orders', START, {
      direction: 'outbound',
      method: 'POST',
      path: '/price',
      authority: 'pricing.shop',
      code: 503,
      flags: ['upstreamConnectionFailure'],
      details: 'upstream_reset_before_response_started{remote_connection_failure}',
      durationMs: 20,
      requestHeaders: { traceparent: TRACEPARENT },
    });
    made.clock.advance(3_000);
    const parts = failures(made);
    expect(parts.map(({ transaction }) => transaction)).toEqual([traceKey('aa')]);
    expect(parts.map(outlineOf)).toEqual([['2.0 opened', '2.1 log']]);
    const { transaction, verdict } = judged(parts);
    expect(verdict).toMatchObject({ outcome: 'failed', failures: [{ kind: 'unavailable' }] });
    const [exchange] = transaction.exchanges;
    expect(exchange).toMatchObject({
      vantage: { service: 'orders', instance: 'orders-1', direction: 'outbound' },
      peer: { name: 'pricing.shop', port: 80 },
      requestId: 'r-1',
      trace: { traceId: traceKey('aa').slice('trace:'.length) },
      startedAt: START.micros / 1000,
      end: 'closed',
      flags: ['UF'],
      attributes: { 'request.method': 'POST', 'request.path': '/price' },
    });
    expect((exchange?.endedAt ?? 0) - (exchange?.startedAt ?? 0)).toBeCloseTo(20);
    expect(transaction.holes.map(({ what }) => what)).toEqual([
      'outbound POST /price at orders: recorded by the access log alone',
    ]);
  });

  it.each([
    ['a good answer', { code: 200 }, 0],
    [
      'a good answer of an event stream that broke',
      { code: 200, flags: ['upstreamConnectionTermination'], responseHeaders: { 'content-type': 'text/event-stream' } },
      0,
    ],
    ['an answer that broke', { code: 200, flags: ['upstreamConnectionTermination'] }, 1],
    ['a client that left', { flags: ['downstreamConnectionTermination'] }, 0],
    [
      'a gRPC failure in the trailers',
      { code: 200, responseHeaders: { 'content-type': 'application/grpc' }, responseTrailers: { 'grpc-status': '13' } },
      1,
    ],
    ['a tunnel that closed', { code: 200, method: 'CONNECT', flags: ['upstreamConnectionTermination'] }, 0],
  ])('%s is judged alike at the ring and over the tree', (_what, entry, kept) => {
    const made = bench();
    made.log('orders', START, { ...entry, requestHeaders: { traceparent: TRACEPARENT } });
    made.clock.advance(3_000);
    expect(made.recorder.stats().keptTransactions).toBe(kept);
    made.recorder.keep(traceKey('aa'));
    made.settle();
    expect(judged(failures(made)).verdict.failures).toHaveLength(kept);
  });

  it('joins what the filter saw of the same transaction, and repeats of it are shed', () => {
    const made = bench();
    made.exchange('gateway', '/buy', 200, { requestId: 'r-1' });
    made.log('orders', START, { code: 500 });
    made.clock.advance(1_600);
    made.log('orders', START, { code: 500 });
    made.settle();
    expect(failures(made).flatMap(outlineOf)).toEqual([
      '2.0 opened',
      '2.1 message',
      '2.2 message',
      '2.3 ended',
      '3.0 opened',
      '3.1 log',
    ]);
    expect(made.recorder.stats().fates.shed.segments).toBe(1);
  });

  it('is shed for a connection that carried nothing', () => {
    const made = bench();
    made.log('orders', START, { protocol: 'postgres', direction: 'outbound', code: 503 });
    made.clock.advance(3_000);
    expect(made.recorder.stats()).toMatchObject({ logs: { alone: 0, waiting: 0 }, fates: { shed: { segments: 1 } } });
  });

  it('does not wait beyond its budget', () => {
    const made = bench({ logWaitBytes: 2_000 });
    for (let index = 0; index < 50; index++) made.log('orders', { ...START, port: 100 + index }, { code: 200 });
    const { waiting, alone } = made.recorder.stats().logs;
    expect(waiting).toBeGreaterThan(5);
    expect(waiting + alone).toBe(50);
    made.recorder.flush();
    expect(made.recorder.stats().logs).toMatchObject({ waiting: 0, alone: 50 });
  });
});

describe('a log that comes late', () => {
  it('keeps what was tossed, as far as the ring still holds it', () => {
    const made = bench();
    made.call('orders').request('/slow', { trace: 'aa', start: START }).ended();
    made.exchange('gateway', '/buy', 200, { trace: 'aa' });
    made.clock.advance(20_000);
    expect(made.recorder.stats().tossedTransactions).toBe(2);
    made.log('orders', START, { flags: ['upstreamRequestTimeout'], code: 504 });
    made.settle();
    expect(failures(made).flatMap(outlineOf)).toHaveLength(3 + 1 + 4);
    expect(made.recorder.stats()).toMatchObject({ keptTransactions: 1, tossedTransactions: 1 });
  });

  it('changes nothing for an exchange that went well, and is tossed with it', () => {
    const made = bench();
    made.call('orders').request('/', { trace: 'aa', start: START }).respond(200);
    made.clock.advance(5_000);
    made.log('orders', START, { code: 200 });
    made.settle();
    const { fates, tossedTransactions } = made.recorder.stats();
    expect(tossedTransactions).toBe(2);
    expect(fates.inFlight.segments).toBe(0);
  });

  it('does not hold up what was kept already', () => {
    const made = bench();
    made.call('orders').request('/', { trace: 'aa', start: START }).respond(500);
    made.clock.advance(900);
    made.log('orders', START, { code: 500 });
    made.clock.advance(200);
    expect(outlineOf(failures(made)[0])).toEqual(['2.0 opened', '2.1 message', '2.2 message', '2.3 ended', '2.4 log']);
  });
});

describe('a connection', () => {
  it('has the log of how it ended beside its bytes', () => {
    const made = new Bench();
    const inbound = made.call('orders').request('/buy', { trace: 'aa' });
    const connection = made.call('orders', { direction: 'outbound', protocol: 'tcp' }).connect('db:5432', 200, START);
    connection.requestBody('question').responseBody('answer').ended();
    made.log('orders', START, {
      direction: 'outbound',
      protocol: 'tcp',
      code: 200,
      flags: ['upstreamConnectionTermination'],
    });
    inbound.respond(500);
    made.settle();
    const { transaction } = judged(failures(made));
    expect(transaction.conversations).toMatchObject([
      { flags: ['UC'], bytes: [{ side: 'client' }, { side: 'server' }] },
    ]);
  });
});
