import { describe, expect, it } from 'vitest';
import { parseLetThrough, passagesOf } from '../../../replay-sandbox/cast/let-through.ts';
import type { ReplayPlan } from '../../../replay-sandbox/plan/plan.ts';

/** Of the plan only the peers count. */
function planWith(...peers: readonly (readonly [string, number | undefined])[]): ReplayPlan {
  const http = peers.map(([name, port]) => ({ exchange: { peer: { name, port } } }));
  return { http, conversations: [{ peer: { name: 'db.shop' }, protocol: 'postgres' }] } as unknown as ReplayPlan;
}

function passages(text: string, plan: ReplayPlan): readonly string[] {
  const one = parseLetThrough(text);
  return passagesOf(one === undefined ? [] : [one], plan).map(
    ({ name, port, address }) => `${name}:${port} ${address.host}:${address.port}`,
  );
}

describe('a peer that is let through', () => {
  it.each(['', 'a', '=b', 'a=', 'a=b=c', 'a:0=b', 'a=b:70000', 'a b=c', 'a=::1', 'a:x=b', 'http://a=b'])(
    '%s is none',
    (text) => {
      expect(parseLetThrough(text)).toBeUndefined();
    },
  );

  it('IPv6 stands in brackets', () => {
    expect(parseLetThrough('[fd00::1]:5432=[::1]:6000')).toEqual({
      host: 'fd00::1',
      port: 5432,
      address: '::1',
      addressPort: 6000,
    });
  });

  it.each([
    ['stock=127.0.0.1', ['stock.shop:80 127.0.0.1:80', 'stock.shop:8000 127.0.0.1:8000']],
    ['stock.shop:8000=127.0.0.1:9', ['stock.shop:8000 127.0.0.1:9']],
    ['stock.shop=127.0.0.1:8000', ['stock.shop:8000 127.0.0.1:8000']],
    ['rates.test=h:9', ['rates.test:80 h:9']],
    ['db.shop=h', ['db.shop:5432 h:5432']],
    ['new.test=h:9', ['new.test:9 h:9']],
    ['new.test:1=h', ['new.test:1 h:1']],
  ])('%s', (text, expected) => {
    const plan = planWith(['stock.shop', undefined], ['stock.shop', 8000], ['rates.test', 80]);
    expect(passages(text, plan)).toEqual(expected);
  });

  it('a port that is not known, or may be any of several', () => {
    const plan = planWith(['stock.shop', 80], ['stock.shop', 8000]);
    expect(() => passages('new.test=h', plan)).toThrow('the port to let through is not known');
    expect(() => passages('stock.shop=h:9', plan)).toThrow('called on the ports 80 and 8000');
  });

  it('the very name before one that it begins; of several such, none', () => {
    const plan = planWith(['api.bank.com', 80], ['api.internal', 80]);
    expect(() => passages('api=127.0.0.1:9', plan)).toThrow(
      expect.objectContaining({
        code: 'bad-real',
        message: expect.stringContaining('api.bank.com or api.internal') as string,
      }) as Error,
    );
    const exact = planWith(['api.bank.com', 80], ['api', 81], ['api.internal', 80]);
    expect(passages('api=127.0.0.1:9', exact)).toEqual(['api:81 127.0.0.1:9']);
  });
});
