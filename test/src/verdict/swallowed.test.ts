import { describe, expect, it } from 'vitest';
import { judgeBy } from '../../../src/keeping/judge.ts';
import type { Exchange, Message } from '../../../src/domain/exchange.ts';
import type { Link } from '../../../src/domain/transaction.ts';
import { judgeTransaction } from '../../../src/verdict/origin.ts';
import { rulesOf } from '../../support/rules.ts';
import { exchange, message, stream, T0, transaction, vantage } from '../../support/transaction.ts';

const OPTIONAL = judgeBy(
  rulesOf('- { name: optional, match: { service: recommendations, failed: true }, then: failure-unless-swallowed }'),
);

function hop(number: number, service: string, direction: 'inbound' | 'outbound', status: number, peer = 'x'): Exchange {
  return exchange(number, {
    vantage: vantage(service, direction),
    peer: { name: peer },
    response: message({ ':status': String(status) }),
    startedAt: T0 + number,
    endedAt: T0 + 100 - number,
  });
}

/** gateway → shop → recommendations, with the shop's and the gateway's answer; each pair is the two ends of one hop. */
function pages(shop: number, gateway: number): readonly Exchange[] {
  return [
    hop(1, 'gateway', 'inbound', gateway),
    hop(2, 'gateway', 'outbound', shop, 'shop'),
    hop(3, 'shop', 'inbound', shop),
    hop(4, 'shop', 'outbound', 500, 'recommendations.shop.svc.cluster.local'),
    hop(5, 'recommendations', 'inbound', 500),
  ];
}

function chain(length: number, more: Partial<Link> = {}): readonly Link[] {
  return Array.from({ length }, (_, index) => ({
    parent: stream(index + 1),
    child: stream(index + 2),
    confidence: 'context' as const,
    ...(index === length - 1 && more),
  }));
}

function judged(exchanges: readonly Exchange[], links = chain(exchanges.length - 1)) {
  const { decision, outcome, origin } = judgeTransaction(transaction({ exchanges, links }), OPTIONAL);
  return { decision, outcome, origin: origin?.exchange.split('.')[1], rule: origin?.rule };
}

describe('a failure that counts unless it is swallowed', () => {
  it('counts for nothing when the caller recovered, seen from both ends of the hop; what it was is still told', () => {
    expect(judged(pages(200, 200))).toEqual({ decision: 'toss', outcome: 'swallowed', origin: '5', rule: 'optional' });
  });

  it('counts when it reached the entry, and is its origin', () => {
    expect(judged(pages(500, 500))).toEqual({ decision: 'keep', outcome: 'failed', origin: '5', rule: 'optional' });
  });

  it('is the origin of its caller’s failure, which is one by the built-in rules although the gateway recovered', () => {
    expect(judged(pages(500, 200))).toEqual({ decision: 'keep', outcome: 'swallowed', origin: '5', rule: 'optional' });
  });

  it('counts while an answer above is not there: it may still fail', () => {
    const [gateway, ...rest] = pages(200, 200);
    const { response: _, ...open } = gateway ?? hop(1, 'gateway', 'inbound', 200);
    expect(judged([{ ...open, end: 'open' }, ...rest])).toMatchObject({ decision: 'keep' });
  });

  it('counts when nobody is known above it', () => {
    expect(judged(pages(200, 200).slice(4), [])).toMatchObject({ decision: 'keep' });
  });

  it('does not hide another failure', () => {
    const payment = hop(6, 'shop', 'outbound', 503, 'payment');
    const links = [...chain(4), { parent: stream(3), child: stream(6), confidence: 'context' as const }];
    expect(judged([...pages(200, 200), payment], links)).toEqual({
      decision: 'keep',
      outcome: 'swallowed',
      origin: '6',
      rule: undefined,
    });
  });

  it('neither do the calls that were left with it when its deadline passed', () => {
    const judge = judgeBy(
      rulesOf('- { name: optional, match: { service: shop, failed: true }, then: failure-unless-swallowed }'),
    );
    const asked = message({ 'content-type': 'application/grpc', 'grpc-timeout': '60m' });
    const late = (number: number, request: Message): Exchange => {
      const { response: _, ...rest } = hop(number, 'gateway', 'outbound', 0, 'shop');
      return { ...rest, request, flags: ['DR'], logged: true };
    };
    const exchanges = [hop(1, 'gateway', 'inbound', 200), late(2, asked), late(3, message({}))];
    const { decision, failures } = judgeTransaction(transaction({ exchanges, links: chain(2) }), judge);
    expect([decision, failures.map(({ exchange: id }) => id)]).toEqual(['toss', [stream(2), stream(3)]]);
  });
});
