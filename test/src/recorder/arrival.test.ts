import { expect, test } from 'vitest';
import { ArrivalOrder } from '../../../src/recorder/arrival.ts';

const MINUTE = 60_000;

test('nothing is told by order where nothing was heard but calls with context', () => {
  expect(new ArrivalOrder().matters(0)).toBe(false);
});

test('the order matters while a connection to a database is open, and for a minute', () => {
  const order = new ArrivalOrder();
  order.conversationOpened(0);
  order.conversationOpened(10);
  order.conversationEnded(20);
  expect(order.matters(10 * MINUTE)).toBe(true);
  order.conversationEnded(10 * MINUTE);
  expect(order.matters(11 * MINUTE - 1)).toBe(true);
  expect(order.matters(11 * MINUTE)).toBe(false);
});

test('it matters for a minute behind each call without context', () => {
  const order = new ArrivalOrder();
  order.callWithoutContext(0);
  order.callWithoutContext(MINUTE - 1);
  expect(order.matters(2 * MINUTE - 2)).toBe(true);
  expect(order.matters(2 * MINUTE - 1)).toBe(false);
});

test('since when it matters: a time in which it did not is not counted', () => {
  const order = new ArrivalOrder();
  order.callWithoutContext(100);
  order.callWithoutContext(200);
  expect([99, 100].map((then) => order.hasMatteredSince(then, 300))).toEqual([false, true]);
  order.conversationOpened(10 * MINUTE);
  expect(order.hasMatteredSince(300, 11 * MINUTE)).toBe(false);
  expect(order.hasMatteredSince(10 * MINUTE, 11 * MINUTE)).toBe(true);
});
