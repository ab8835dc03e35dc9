import { expect, it } from 'vitest';
import { Order } from '../../../replay-sandbox/match/order.ts';

/** Time by hand: what waits is run by `pass`. */
function stage() {
  const waiting: { ms: number; run: () => void }[] = [];
  const after = (ms: number, run: () => void) => {
    const one = { ms, run };
    waiting.push(one);
    return () => void (waiting.includes(one) && waiting.splice(waiting.indexOf(one), 1));
  };
  const pass = (ms: number) => waiting.splice(0).forEach((one) => (one.ms <= ms ? one.run() : waiting.push(one)));
  const order = new Order({ after });
  order.expect(['a', 'b', 'c'].map((id, at) => ({ id, line: `GET /${id}`, startedAt: 0, endedAt: at })));
  const given: string[] = [];
  const ask = (id: string) => order.turn([id], (notes) => given.push([id, ...notes].join(': ')));
  return { order, given, ask, pass };
}

it('answers go out in recorded order, however they are asked', () => {
  const { given, ask, pass } = stage();
  expect([ask('c'), ask('b'), given]).toEqual([false, false, []]);
  expect(ask('a')).toBe(true);
  pass(2);
  pass(2);
  expect(given).toEqual(['a', 'b', 'c']);
});

it('many answers are no work: each looks at the first alone', () => {
  const order = new Order({ after: () => () => undefined });
  const ids = Array.from({ length: 20_000 }, (_, at) => String(at));
  order.expect(ids.map((id, at) => ({ id, line: id, startedAt: at, endedAt: at })));
  const began = performance.now();
  expect(ids.every((id) => order.turn([id], () => undefined))).toBe(true);
  expect(performance.now() - began).toBeLessThan(2000);
});

it('what nothing was expected of is given at once', () => {
  const { given, ask } = stage();
  expect([ask('other'), given]).toEqual([true, ['other']]);
});

it('one that another gave is not waited for', () => {
  const { order, given, ask } = stage();
  ask('b');
  order.given('a');
  expect(given).toEqual(['b']);
});

it('one that nobody asks for holds the others for two seconds, once, and that is said', () => {
  const { given, ask, pass } = stage();
  ask('c');
  pass(1999);
  expect(given).toEqual([]);
  pass(2000);
  expect(given).toEqual(['c: waited 2 s for GET /a, GET /b, which was not asked']);
});
