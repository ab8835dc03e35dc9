import { describe, expect, it } from 'vitest';
import { Bench, segmentsOf } from '../../support/recorder.ts';

function takeSubjects(bench: Bench): readonly string[] {
  bench.settle();
  return bench.takeParts().map((part) => `${part.purpose} ${part.subject}`);
}

describe('exemplars', () => {
  it('are the first few good transactions of a route, again after a while', () => {
    const bench = new Bench();
    for (let index = 0; index < 5; index++)
      bench.exchange('orders', `/orders/${index}?x=1`, 200, { trace: `${index}`, method: 'POST' });
    expect(takeSubjects(bench)).toEqual(Array<string>(3).fill('exemplar orders POST /orders/*'));
    bench.clock.advance(600_000);
    bench.exchange('orders', '/orders/9', 200, { trace: 'f', method: 'POST' });
    expect(takeSubjects(bench)).toEqual(['exemplar orders POST /orders/*']);
  });

  it('of a route of which there are enough do not keep others from being taken', () => {
    const bench = new Bench();
    for (let index = 0; index < 9; index++) bench.exchange('orders', `/orders/${index}`, 200, { trace: `${index}` });
    expect(takeSubjects(bench)).toHaveLength(3);
    bench.exchange('orders', '/orders/9/lines', 200, { trace: 'a' });
    bench.exchange('pricing', '/orders/9', 200, { trace: 'b' });
    bench.exchange('orders', '/orders/9', 200, { trace: 'c', method: 'POST' });
    bench.exchange('orders', '/orders/9', 200, { trace: 'd' });
    expect(takeSubjects(bench)).toEqual([
      'exemplar orders GET /orders/*/lines',
      'exemplar pricing GET /orders/*',
      'exemplar orders POST /orders/*',
    ]);
  });

  it('have all their exchanges, are counted as tossed, and are not taken twice', () => {
    const bench = new Bench();
    const gateway = bench.call('gateway').request('/buy', { trace: 'a' });
    bench.exchange('orders', '/orders', 404, { trace: 'a' });
    gateway.respond(200);
    bench.settle();
    const [part] = bench.takeParts();
    expect(part).toMatchObject({ purpose: 'exemplar', subject: 'gateway GET /buy' });
    expect(segmentsOf(part)).toHaveLength(8);
    const { fates, parts } = bench.recorder.stats();
    expect(fates).toMatchObject({ kept: { segments: 0 }, tossed: { segments: 8, bytes: part?.records.length } });
    expect(parts.exemplar).toEqual({ segments: 1, bytes: part?.records.length });
    bench.exchange('mailer', '/send', 200, { trace: 'a' });
    expect(takeSubjects(bench)).toEqual([]);
  });

  it('are whole, and good by more than the absence of failure', () => {
    const bench = new Bench({ bodyBytes: 10 });
    bench.exchange('orders', '/missing', 404, { trace: 'a' });
    bench.call('orders').request('/left', { trace: 'b' }).ended();
    bench.call('orders').request('/upload', { trace: 'c', end: false }).respond(200).ended();
    bench
      .call('orders')
      .request('/cut', { trace: 'd' })
      .respond(200, { end: false })
      .responseBody('more than ten', false)
      .responseBody('', true);
    bench.call('orders').respond(200).ended();
    expect(takeSubjects(bench)).toEqual([]);
  });

  it('are reflection streams too, which their clients leave', () => {
    const bench = new Bench();
    for (const path of ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', '/shop.Chat/Talk']) {
      const start = { requestId: path, micros: 1_789_999_999_900_123, port: 40_001 };
      const call = bench.call('orders').request(path, { start, end: false }).respond(200, { end: false });
      call.responseBody('descriptors');
      bench.log('orders', start, { code: 200, flags: ['downstreamRemoteReset'] });
      call.ended();
    }
    expect(takeSubjects(bench)).toEqual([
      'exemplar orders GET /grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    ]);
  });
});

describe('ambient traffic', () => {
  const outbound = { direction: 'outbound' } as const;

  it('is what a service calls on its own account', () => {
    const bench = new Bench();
    bench.exchange('orders', '/config?v=2', 200, { ...outbound, trace: 'a', authority: 'config' });
    bench.exchange('config', '/config?v=2', 200, { trace: 'a' });
    expect(takeSubjects(bench)).toEqual(['ambient orders']);
  });

  it('is not a call that a service makes for someone', () => {
    const bench = new Bench();
    const call = bench.call('orders', outbound).request('/price', { trace: 'a' });
    bench.exchange('orders', '/orders', 200, { trace: 'a' });
    call.respond(200);
    expect(takeSubjects(bench)).toEqual([]);
  });

  it('comes once a minute per peer, method and path, however often a probe asks', () => {
    const bench = new Bench();
    const probe = (index: number, path = '/health', authority = 'a') =>
      bench.exchange('orders', `${path}?n=${index}`, 200, { ...outbound, trace: `${index}`, authority });
    for (let index = 1; index < 20; index++) probe(index);
    probe(20, '/other');
    probe(21, '/health', 'b');
    expect(takeSubjects(bench)).toEqual(Array<string>(3).fill('ambient orders'));
    bench.clock.advance(60_000);
    probe(22);
    expect(takeSubjects(bench)).toHaveLength(1);
  });

  it('is bounded in number and bytes per service', () => {
    const bench = new Bench({ ambientPerService: 10, ambientBytes: 2_000 });
    const fetch = (service: string, index: number, size = 0) =>
      bench.exchange(service, `/keys/${index}`, 200, {
        ...outbound,
        trace: `${service === 'orders' ? 'a' : 'b'}${index}`,
        headers: { x: 'x'.repeat(size) },
      });
    for (let index = 0; index < 50; index++) fetch('orders', index, 1_000);
    expect(takeSubjects(bench)).toEqual(['ambient orders']);
    bench.clock.advance(60_000);
    for (let index = 0; index < 50; index++) fetch('carts', index);
    expect(takeSubjects(bench).length).toBeLessThanOrEqual(10);
  });

  it('is not taken when the answer failed: that is a failure', () => {
    const bench = new Bench();
    bench.exchange('orders', '/config', 503, { ...outbound, trace: 'a' });
    expect(takeSubjects(bench)).toEqual(['failure ']);
  });
});
