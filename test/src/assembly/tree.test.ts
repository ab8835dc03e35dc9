import { describe, expect, it } from 'vitest';
import { linkExchanges } from '../../../src/assembly/tree.ts';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { exchange, message, stream, T0, vantage } from '../../support/transaction.ts';

const TRACE = 'a'.repeat(32);

interface Seen {
  readonly from: number;
  readonly to: number;
  readonly path?: string;
  readonly span?: string;
  readonly peer?: string;
}

function inbound(number: number, service: string, seen: Seen): Exchange {
  return seenAt(number, service, 'inbound', seen);
}

function outbound(number: number, service: string, seen: Seen): Exchange {
  return seenAt(number, service, 'outbound', seen);
}

function seenAt(
  number: number,
  service: string,
  direction: 'inbound' | 'outbound',
  { from, to, path = '/', span = '1'.repeat(16), peer }: Seen,
): Exchange {
  return exchange(number, {
    vantage: vantage(service, direction),
    peer: { name: peer ?? 'somewhere' },
    trace: { traceId: TRACE, spanId: span },
    request: message({ ':method': 'GET', ':path': path }),
    startedAt: T0 + from,
    endedAt: T0 + to,
  });
}

function drawn(exchanges: readonly Exchange[]): readonly string[] {
  const number = (id: string) => id.split('.')[1];
  return linkExchanges(exchanges.toSorted((one, other) => one.startedAt - other.startedAt))
    .map(({ parent, child, confidence }) => `${number(parent)} > ${number(child)} ${confidence}`)
    .toSorted();
}

describe('links between exchanges', () => {
  it('follow a cascade through three sidecars', () => {
    expect(
      drawn([
        inbound(1, 'gateway', { from: 0, to: 50, path: '/checkout' }),
        outbound(2, 'gateway', { from: 5, to: 45, path: '/orders', span: '2'.repeat(16), peer: 'orders.shop' }),
        inbound(3, 'orders', { from: 6, to: 44, path: '/orders', span: '2'.repeat(16) }),
        outbound(4, 'orders', { from: 10, to: 40, path: '/quotes', span: '3'.repeat(16), peer: 'pricing.shop' }),
        inbound(5, 'pricing', { from: 11, to: 39, path: '/quotes', span: '3'.repeat(16) }),
      ]),
    ).toEqual(['1 > 2 context', '2 > 3 context', '3 > 4 context', '4 > 5 context']);
  });

  it('do not hang a gateway under its own call when it passes one path and one traceparent on', () => {
    expect(
      drawn([
        inbound(1, 'gateway', { from: 0, to: 50, path: '/orders/7' }),
        outbound(2, 'gateway', { from: 2, to: 48, path: '/orders/7', peer: 'orders' }),
        inbound(3, 'orders', { from: 3, to: 47, path: '/orders/7' }),
      ]),
    ).toEqual(['1 > 2 context', '2 > 3 context']);
  });

  it('tell two calls of one path apart by their spans, whatever order they arrive in', () => {
    expect(
      drawn([
        inbound(1, 'orders', { from: 0, to: 50, path: '/' }),
        outbound(2, 'orders', { from: 5, to: 30, path: '/prices/7', span: '2'.repeat(16), peer: 'pricing' }),
        outbound(3, 'orders', { from: 6, to: 30, path: '/prices/7', span: '3'.repeat(16), peer: 'pricing' }),
        inbound(4, 'pricing', { from: 7, to: 29, path: '/prices/7', span: '3'.repeat(16) }),
        inbound(5, 'pricing', { from: 8, to: 29, path: '/prices/7', span: '2'.repeat(16) }),
      ]),
    ).toEqual(['1 > 2 context', '1 > 3 context', '2 > 5 context', '3 > 4 context']);
  });

  it('give both attempts of a retry to the call that was retried', () => {
    expect(
      drawn([
        outbound(1, 'orders', { from: 0, to: 50, path: '/quotes', peer: 'pricing' }),
        inbound(2, 'pricing', { from: 1, to: 10, path: '/quotes' }),
        inbound(3, 'pricing', { from: 20, to: 45, path: '/quotes' }),
      ]),
    ).toEqual(['1 > 2 context', '1 > 3 context']);
  });

  it('hold when a busy sink reads the caller’s side long after the other', () => {
    expect(
      drawn([
        inbound(1, 'pricing', { from: 0, to: 30, path: '/quotes', span: '2'.repeat(16) }),
        inbound(2, 'gateway', { from: 300, to: 350, path: '/orders' }),
        outbound(3, 'gateway', { from: 301, to: 349, path: '/orders', peer: 'orders.shop' }),
        inbound(4, 'orders', { from: 400, to: 450, path: '/orders' }),
        outbound(5, 'orders', { from: 410, to: 411, path: '/quotes', span: '2'.repeat(16), peer: 'pricing.shop' }),
      ]),
    ).toEqual(['2 > 3 context', '3 > 4 context', '4 > 5 context', '5 > 1 context']);
  });

  it('leave a retry with the call that was retried, also when the same call is made again soon after', () => {
    const attempts = { 'upstream.request_attempt_count': '2' };
    expect(
      drawn([
        { ...outbound(1, 'orders', { from: 0, to: 50, path: '/quotes', peer: 'pricing' }), attributes: attempts },
        inbound(2, 'pricing', { from: 1, to: 10, path: '/quotes' }),
        inbound(3, 'pricing', { from: 20, to: 45, path: '/quotes' }),
        outbound(4, 'orders', { from: 60, to: 90, path: '/quotes', peer: 'pricing' }),
        inbound(5, 'pricing', { from: 61, to: 89, path: '/quotes' }),
      ]),
    ).toEqual(['1 > 2 context', '1 > 3 context', '4 > 5 context']);
  });

  it('mark as inferred what several open requests of one instance could have caused', () => {
    expect(
      drawn([
        inbound(1, 'orders', { from: 0, to: 50, path: '/a', span: '1'.repeat(16) }),
        inbound(2, 'orders', { from: 1, to: 50, path: '/b', span: '2'.repeat(16) }),
        outbound(3, 'orders', { from: 5, to: 30, path: '/prices', span: '3'.repeat(16), peer: 'pricing' }),
      ]),
    ).toEqual(['2 > 3 inferred']);
  });

  it('put a call after the answer under the request that was answered last', () => {
    expect(
      drawn([
        inbound(1, 'orders', { from: 0, to: 10 }),
        outbound(2, 'orders', { from: 500, to: 600, path: '/audit', peer: 'audit' }),
      ]),
    ).toEqual(['1 > 2 inferred']);
  });

  it('never close a circle, also when a service calls itself', () => {
    const links = linkExchanges([
      inbound(1, 'orders', { from: 0, to: 50, path: '/a' }),
      outbound(2, 'orders', { from: 1, to: 40, path: '/a', peer: 'orders' }),
      inbound(3, 'orders', { from: 2, to: 39, path: '/a' }),
      outbound(4, 'orders', { from: 3, to: 38, path: '/a', peer: 'orders' }),
    ]);
    const parentOf = new Map(links.map(({ parent, child }) => [child, parent]));
    for (const number of [1, 2, 3, 4]) {
      const path = new Set<string>();
      for (let at = parentOf.get(stream(number)); at !== undefined; at = parentOf.get(at)) {
        expect(path).not.toContain(at);
        path.add(at);
      }
    }
    expect(parentOf.has(stream(1))).toBe(false);
  });
});
