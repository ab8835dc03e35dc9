import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import { Bench, outlineOf, traceKey } from '../../support/recorder.ts';
import type { Start } from '../../support/recorder.ts';

const START: Start = { requestId: 'r-1', micros: 1_789_999_999_900_123, port: 40_001 };
const call = { direction: 'outbound' } as const;
const attempt = { direction: 'outbound', attempt: true } as const;

function purposes(bench: Bench): readonly string[] {
  return bench.takeParts().map(({ purpose }) => purpose);
}

describe('a call that works at its second attempt', () => {
  it('is no failure, and an exemplar like any other', () => {
    const bench = new Bench();
    const entry = bench.call('orders').request('/buy', { trace: 'a' });
    const asked = bench.call('orders', call).request('/price', { trace: 'a', start: START });
    bench
      .call('orders', attempt)
      .request('/price', { trace: 'a', start: START, end: false })
      .respond(503, { end: false });
    const second = bench.call('orders', attempt).request('/price', { trace: 'a', start: START, end: false });
    second.respond(200, { end: false });
    asked.respond(200);
    entry.respond(200);
    bench.settle();
    expect(purposes(bench)).toEqual(['exemplar']);
    expect(bench.recorder.stats()).toMatchObject({ keptTransactions: 0, tossedTransactions: 1 });
  });

  it('does not wait for the end of the calls that showed its attempts', () => {
    const bench = new Bench();
    const asked = bench.call('orders', call).request('/price', { trace: 'a', start: START });
    const tried = bench.call('orders', attempt).request('/price', { trace: 'a', start: START, end: false });
    tried.respond(200, { end: false });
    asked.respond(500);
    bench.settle();
    const [part] = bench.takeParts();
    expect(outlineOf(part)).toEqual([
      '1.0 opened',
      '1.1 message',
      '2.0 opened',
      '2.1 message',
      '2.2 message',
      '2.3 ended',
      '1.2 message',
      '1.3 ended',
    ]);
    tried.ended();
    bench.settle();
    expect(bench.takeParts()).toEqual([]);
  });
});

describe('attempts without an answer', () => {
  it('are recorded with the call that gave up, and leave the verdict to it', () => {
    const bench = new Bench();
    const asked = bench.call('orders', call).request('/price', { trace: 'a', start: START });
    const tries = [1, 2].map(() =>
      bench.call('orders', attempt).request('/price', { trace: 'a', start: START, end: false }),
    );
    asked.respond(503);
    for (const one of tries) one.ended();
    bench.settle();
    const transaction = assemble(traceKey('a'), bench.takeParts());
    expect(
      transaction.exchanges.map(({ attempts }) => attempts?.map(({ number, answer }) => [number, answer])),
    ).toEqual([
      [
        [1, undefined],
        [2, undefined],
      ],
    ]);
    expect(transaction.holes).toEqual([]);
  });
});

it('the access log speaks of the call, also when an attempt came first', () => {
  const bench = new Bench();
  bench
    .call('orders', attempt)
    .request('/price', { trace: 'a', start: START, end: false })
    .respond(200, { end: false });
  const asked = bench.call('orders', call).request('/price', { trace: 'a', start: START });
  bench.log('orders', START, { direction: 'outbound', code: 200, flags: ['upstreamRemoteReset'] });
  asked.respond(200, { end: false }).responseBody('half').ended();
  bench.settle();
  const [part] = bench.takeParts();
  const { exchanges } = assemble(traceKey('a'), part ? [part] : []);
  expect(exchanges).toMatchObject([{ logged: true, flags: ['UR'], attempts: [{ number: 1 }] }]);
});
