import { describe, expect, it } from 'vitest';
import { Bindings } from '../../../replay-sandbox/match/bindings.ts';
import type { Difference } from '../../../replay-sandbox/match/difference.ts';

const RECORDED = '0f6a2f5e-8a53-4c4e-9f0e-2f5b7f3f1a01';
const OTHER = '1a6a2f5e-8a53-4c4e-9f0e-2f5b7f3f1a02';
const NEW = 'ffffffff-8a53-4c4e-9f0e-2f5b7f3f1a03';

function noise(recorded: string, asked: string): readonly Difference[] {
  return [{ where: '$1', recorded, asked, noise: true }];
}

describe('ids that are bound where they first met', () => {
  const bindings = new Bindings();
  bindings.bind(noise(RECORDED, NEW));

  it('go together from then on, and with no other', () => {
    expect(bindings.relation(noise(RECORDED, NEW))).toBe('bound');
    expect(bindings.relation(noise(OTHER, NEW))).toBe('other');
    expect(bindings.relation(noise(RECORDED, OTHER))).toBe('other');
    expect(bindings.relation([...noise(RECORDED, NEW), ...noise(OTHER, NEW)])).toBe('other');
    expect(bindings.relation(noise(OTHER, OTHER.replace('1a', '2b')))).toBe('free');
    expect(bindings.relation([])).toBe('free');
  });

  it('go together also as a constant in its quotes', () => {
    expect(bindings.relation(noise(`'${RECORDED}'`, `'${NEW}'`))).toBe('bound');
  });

  it('stay bound when they meet another', () => {
    bindings.bind(noise(RECORDED, OTHER));
    expect(bindings.relation(noise(RECORDED, NEW))).toBe('bound');
  });

  it('stand for each other in answers, as text and as bytes, and the recording stays as it is', () => {
    const binary = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
    const recorded = Buffer.concat([Buffer.from(`{"id":"${RECORDED}","of":"${RECORDED}"}`), binary(RECORDED)]);
    const before = Buffer.from(recorded);
    const given = Buffer.concat([Buffer.from(`{"id":"${NEW}","of":"${NEW}"}`), binary(NEW)]);
    expect(Buffer.from(bindings.replaced(recorded))).toEqual(given);
    expect(recorded).toEqual(before);
    const anew = new Set<string>();
    bindings.replaced(recorded, anew);
    expect([...anew]).toEqual([NEW]);
    const untouched = Buffer.from(OTHER);
    expect(bindings.replaced(untouched)).toBe(untouched);
  });
});

it('what is asked with new ids is what was recorded with theirs', () => {
  const bindings = new Bindings();
  bindings.bind(noise(RECORDED, NEW));
  expect(bindings.recalled(`GET a:${NEW} b:${NEW} c:${OTHER}`)).toBe(`GET a:${RECORDED} b:${RECORDED} c:${OTHER}`);
});

describe('what is put in', () => {
  const id = (digit: number) => `0000000${digit}-0000-4000-8000-000000000000`;
  const binary = (digit: number) => Buffer.from(id(digit).replaceAll('-', ''), 'hex');
  const of = (...pairs: readonly (readonly [string, string])[]) => {
    const bindings = new Bindings();
    bindings.bind(pairs.flatMap(([recorded, asked]) => noise(recorded, asked)));
    return bindings;
  };

  it('is not replaced again: neither where one leads to the next, nor where two change places', () => {
    const chain = of([id(1), id(2)], [id(2), id(3)]);
    const swap = of([id(1), id(2)], [id(2), id(1)]);
    expect(chain.rewritten(`${id(1)} ${id(2)}`)).toBe(`${id(2)} ${id(3)}`);
    expect(swap.rewritten(`${id(1)} ${id(2)}`)).toBe(`${id(2)} ${id(1)}`);
    expect(swap.recalled(`${id(1)} ${id(2)}`)).toBe(`${id(2)} ${id(1)}`);
    expect(Buffer.from(swap.replaced(Buffer.from(`${id(1)}${id(2)}`))).toString()).toBe(`${id(2)}${id(1)}`);
    const both = Buffer.concat([binary(1), binary(2)]);
    expect(Buffer.from(swap.replaced(both))).toEqual(Buffer.concat([binary(2), binary(1)]));
  });

  it('is a time as little as an id', () => {
    const times = of(['1700000000100', '1700000000103'], ['1700000000103', '1700000000107']);
    expect(times.rewritten('{"at":1700000000100,"nanos":17000000001001}')).toBe(
      '{"at":1700000000103,"nanos":17000000001001}',
    );
  });
});

describe('a value that is known by the name it stands under', () => {
  const named = (recorded: string, asked: string) => {
    const bindings = new Bindings();
    bindings.bind([{ where: 'headers.x-request-id', recorded, asked, noise: true, names: true }]);
    return bindings;
  };

  it('is replaced where it stands alone', () => {
    const bindings = named('order-10', 'order-11');
    expect(bindings.rewritten('["order-10","order-1001","my-order-10"]')).toBe(
      '["order-11","order-1001","my-order-10"]',
    );
    expect(Buffer.from(bindings.replaced(Buffer.from('order-10 order-101'))).toString()).toBe('order-11 order-101');
  });

  it.each([
    ['checkout', '9a8b7c6d', '{"page":"checkout"}'],
    ['10000001', '10000002', '{"iban":"DE1100000019","total":10000001}'],
    ['order-1', 'order-2', '{"key":"order-1"}'],
  ])('and is none as a word, a number or a short one: %s', (recorded, asked, answer) => {
    expect(named(recorded, asked).rewritten(answer)).toBe(answer);
  });
});

it('times and data are no ids: nothing is bound to them', () => {
  const bindings = new Bindings();
  const time: Difference = {
    where: '$1',
    recorded: '2026-11-22T05:00:00Z',
    asked: '2026-11-23T05:00:00Z',
    noise: true,
  };
  const data: Difference = { where: '$2', recorded: RECORDED, asked: NEW, noise: false };
  bindings.bind([time, data]);
  expect(bindings.relation([time, data])).toBe('free');
  expect(bindings.relation(noise(RECORDED, NEW))).toBe('free');
});
