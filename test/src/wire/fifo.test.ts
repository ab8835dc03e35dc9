import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from '../../../src/wire/fifo.ts';

it('is a list that is pushed to and shifted from, whatever the order of both', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('push', 'shift', 'keep'), { maxLength: 400 }), (acts) => {
      const [fifo, list] = [new Fifo<number>(), [] as number[]];
      const taken: (number | undefined)[][] = [];
      for (const [index, act] of acts.entries()) {
        if (act === 'push') {
          fifo.push(index);
          list.push(index);
        } else if (act === 'shift') {
          taken.push([fifo.shift(), list.shift()]);
        } else if (index % 7 === 0) {
          fifo.keep((item) => item % 2 === 0);
          list.splice(0, list.length, ...list.filter((item) => item % 2 === 0));
        }
        expect([fifo.first, fifo.size]).toEqual([list[0], list.length]);
      }
      for (const [one, other] of taken) expect(one).toBe(other);
    }),
  );
});

it('forgets what has left', () => {
  const fifo = new Fifo<number>();
  for (let index = 0; index < 300_000; index++) fifo.push(index);
  for (let index = 0; index < 300_000; index++) expect(fifo.shift() === index).toBe(true);
  expect([fifo.shift(), fifo.first, fifo.size]).toEqual([undefined, undefined, 0]);
});
