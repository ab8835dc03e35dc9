import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Direction } from '../../../src/domain/exchange.ts';
import { foldPath } from '../../../src/domain/route.ts';
import { Refusals } from '../../../src/recorder/refusals.ts';
import { digestAt, routeDigest } from '../../../src/recorder/route-digest.ts';
import { createScannedMessage, scanMessage } from '../../../src/wire/extproc/scan.ts';
import * as envoy from '../../support/extproc.ts';

function digestOf(
  path: string,
  { method = 'GET', authority = 'shop', direction = 'inbound' as Direction } = {},
): number {
  const bytes = envoy.requestHeaders({ ':method': method, ':authority': authority, ':path': path });
  const scanned = scanMessage(bytes, createScannedMessage());
  if ('fault' in scanned) throw new Error(scanned.fault);
  return routeDigest(bytes, scanned, direction);
}

const segment = fc.oneof(
  fc.stringMatching(/^[a-z0-9_.-]{0,6}$/),
  fc.stringMatching(/^v\d{0,3}$/),
  fc.uuid(),
  fc.constantFrom('orders', 'ABCDEFABCDEF', 'ü', '%20', 'v1', 'x=1'),
);
const path = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom('', '?', '?a=/1', '#b', '/'))
  .map(([segments, end]) => `/${segments.join('/')}${end}`);

test('paths of one digest are of one route', () => {
  fc.assert(
    fc.property(fc.array(path, { minLength: 2, maxLength: 60 }), (paths) => {
      const routes = new Map<number, string>();
      for (const one of paths) {
        const digest = digestOf(one);
        expect(foldPath(one)).toBe(routes.get(digest) ?? foldPath(one));
        routes.set(digest, foldPath(one));
      }
    }),
  );
});

test('ids make no digest of their own; methods, versions and services do', () => {
  const order = digestOf('/v1/orders/17?x=1');
  expect(digestOf('/v1/orders/4711#top')).toBe(order);
  expect(digestOf('/v1/orders/3f2a9c4e-0000-4000-8000-000000000000', { authority: 'other' })).toBe(order);
  const others = [
    digestOf('/v2/orders/17'),
    digestOf('/v1/orders'),
    digestOf('/v1/orders/17/'),
    digestOf('/v1/orders/17', { method: 'POST' }),
    digestAt(order, 'orders'),
    digestAt(order, 'pricing'),
  ];
  expect(new Set([order, ...others]).size).toBe(others.length + 1);
});

test('calls are told by whom they ask and what, but for the query', () => {
  const call = digestOf('/orders/17?x=1', { direction: 'outbound' });
  expect(digestOf('/orders/17?x=2', { direction: 'outbound' })).toBe(call);
  const others = [
    digestOf('/orders/18', { direction: 'outbound' }),
    digestOf('/orders/17', { direction: 'outbound', authority: 'other' }),
    digestOf('/orders/17'),
  ];
  expect(new Set([call, ...others]).size).toBe(4);
});

test('what a quota refuses is known until its time, and others are not', () => {
  const refusals = new Refusals();
  refusals.add(5, 100);
  expect([refusals.has(5, 99), refusals.has(5, 100), refusals.has(6, 99)]).toEqual([true, false, false]);
  refusals.add(5 + 4096, 200);
  expect([refusals.has(5, 99), refusals.has(5 + 4096, 199)]).toEqual([false, true]);
});
