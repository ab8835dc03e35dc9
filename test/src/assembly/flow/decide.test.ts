import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/assembly/flow/decide.ts';
import type { Known, Scene } from '../../../../src/assembly/flow/scene.ts';
import { TAKEN } from '../../../../src/assembly/flow/weights.ts';
import type { Exchange } from '../../../../src/domain/exchange.ts';
import { exchange, message, stream, T0, vantage } from '../../../support/transaction.ts';

const NOTHING: Known = { services: {}, lonely: new Set(), gapless: true };
const LOSES: Known = { ...NOTHING, services: { shop: { carried: 0, dropped: 40 } } };

interface Said {
  readonly from: number;
  readonly to: number;
  readonly path?: string;
  readonly status?: number;
  readonly answer?: object;
}

function made(
  direction: 'inbound' | 'outbound',
  number: number,
  { from, to, path = '/', status = 200, answer = {} }: Said,
): Exchange {
  const json = { 'content-type': 'application/json' };
  const times = (start: number, end: number) => ({ startedAt: T0 + start, endedAt: T0 + end });
  return exchange(number, {
    vantage: vantage('shop', direction),
    requestId: `r-${number}`,
    request: message({ ':method': 'GET', ':path': path }, '', times(from, from)),
    response: message({ ':status': String(status), ...json }, JSON.stringify(answer), times(to, to)),
    ...times(from, to),
  });
}
const request = (number: number, said: Said) => made('inbound', number, said);
const call = (number: number, said: Said) => made('outbound', number, said);

function placed(exchanges: readonly Exchange[], known = NOTHING) {
  const sorted = exchanges.toSorted((one, other) => one.startedAt - other.startedAt);
  const scene: Scene = { exchanges: sorted, links: [], commands: [], known };
  const [[best] = []] = decide(scene);
  return best && { ...best, parent: Number(best.parent.split('.')[1]) };
}

describe('a call without context', () => {
  it('belongs to the request whose value it carries', () => {
    const two = [
      request(1, { from: 0, to: 100, path: '/orders/7001' }),
      request(2, { from: 5, to: 95, path: '/orders/7002' }),
    ];
    const best = placed([...two, call(3, { from: 20, to: 60, path: '/stock?order=7002' })]);
    expect(best).toMatchObject({ parent: 2, evidence: ['order'] });
    expect(best?.confidence).toBeGreaterThan(0.85);
  });

  it('belongs to nobody by being there alone', () => {
    const exchanges = [request(1, { from: 0, to: 100 }), call(3, { from: 20, to: 60, path: '/flags' })];
    expect(placed(exchanges)?.confidence).toBeLessThan(TAKEN);
    expect(placed(exchanges, { ...LOSES, gapless: false })?.confidence).toBeLessThan(TAKEN);
    expect(placed(exchanges, { ...LOSES, lonely: new Set([stream(3)]) })?.confidence).toBeLessThan(TAKEN);
  });

  it('that failed belongs to the one request that failed with it, where the service is known to lose context', () => {
    const exchanges = [
      request(1, { from: 0, to: 62, status: 502 }),
      request(2, { from: 5, to: 95 }),
      call(3, { from: 20, to: 60, path: '/rates', status: 503 }),
    ];
    expect(placed(exchanges, LOSES)).toMatchObject({ parent: 1 });
    expect(placed(exchanges, LOSES)?.confidence).toBeGreaterThan(TAKEN);
    expect(placed(exchanges)?.confidence).toBeLessThan(TAKEN);
  });

  it('whose error is quoted says so', () => {
    const answer = { error: 'no such shard in rates' };
    const exchanges = [
      request(1, { from: 0, to: 70, status: 500 }),
      request(2, { from: 5, to: 75, status: 500, answer: { error: 'rates answered 503: no such shard in rates' } }),
      call(3, { from: 20, to: 60, path: '/rates', status: 503, answer }),
    ];
    expect(placed(exchanges, LOSES)).toMatchObject({
      parent: 2,
      evidence: expect.arrayContaining(['its error is quoted']),
    });
  });

  it('is placed by what an earlier call was answered', () => {
    const exchanges = [
      request(1, { from: 0, to: 100, path: '/orders/7001' }),
      request(2, { from: 2, to: 102, path: '/orders/7002' }),
      call(3, { from: 10, to: 20, path: '/quotes?order=7002', answer: { quote: 'q-88123' } }),
      call(4, { from: 30, to: 50, path: '/reservations/q-88123' }),
    ];
    const sorted = exchanges.toSorted((one, other) => one.startedAt - other.startedAt);
    const decided = decide({ exchanges: sorted, links: [], commands: [], known: NOTHING });
    expect(decided.map(([best]) => best?.parent)).toEqual([stream(2), stream(2)]);
  });

  it('cannot have been made by a request that came later, or of another instance', () => {
    const elsewhere = { ...request(2, { from: 0, to: 90 }), vantage: { ...vantage('shop'), instance: 'shop-2' } };
    expect(placed([elsewhere, request(1, { from: 50, to: 90 }), call(3, { from: 10, to: 20 })])).toBeUndefined();
  });
});
