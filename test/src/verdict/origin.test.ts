import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/domain/exchange.ts';
import type { Link, Transaction } from '../../../src/domain/transaction.ts';
import { judgeTransaction, triggerOf } from '../../../src/verdict/origin.ts';
import { judgeExchange } from '../../../src/verdict/rules.ts';
import { exchange, message, stream, T0, transaction, vantage } from '../../support/transaction.ts';

function hop(
  number: number,
  service: string,
  direction: 'inbound' | 'outbound',
  status: number,
  endedAt = 100 - number,
): Exchange {
  return exchange(number, {
    vantage: vantage(service, direction),
    response: message({ ':status': String(status) }, '', { startedAt: T0 + endedAt }),
    startedAt: T0 + number,
    endedAt: T0 + endedAt,
  });
}

/** `'1>2 2>3'` */
function links(text: string): readonly Link[] {
  return text.split(' ').map((pair) => {
    const [parent, child] = pair.split('>').map(Number);
    return { parent: stream(parent ?? 0), child: stream(child ?? 0), confidence: 'context' };
  });
}

function verdictOf(tree: Transaction) {
  const { outcome, origin, failures } = judgeTransaction(tree, judgeExchange);
  return {
    outcome,
    origin: origin?.exchange.split('.')[1],
    roles: failures.map(({ exchange: id, role }) => `${id.split('.')[1]} ${role}`),
  };
}

const CASCADE = [
  hop(1, 'gateway', 'inbound', 502),
  hop(2, 'gateway', 'outbound', 502),
  hop(3, 'orders', 'inbound', 502),
  hop(4, 'orders', 'outbound', 500),
  hop(5, 'pricing', 'inbound', 500),
];

describe('the verdict over a tree', () => {
  it('tosses when nothing failed', () => {
    expect(judgeTransaction(transaction(), judgeExchange)).toEqual({ decision: 'toss', failures: [], outcome: 'good' });
  });

  it('finds the deepest hop of a cascade and names the others victims', () => {
    expect(verdictOf(transaction({ exchanges: CASCADE, links: links('1>2 2>3 3>4 4>5') }))).toEqual({
      outcome: 'failed',
      origin: '5',
      roles: ['1 victim', '2 victim', '3 victim', '4 victim', '5 origin'],
    });
  });

  it('calls a failure swallowed when its caller answered well', () => {
    const tree = transaction({
      exchanges: [
        hop(1, 'gateway', 'inbound', 200),
        hop(2, 'gateway', 'outbound', 503),
        hop(3, 'promotions', 'inbound', 503),
      ],
      links: links('1>2 2>3'),
    });
    expect(verdictOf(tree)).toEqual({ outcome: 'swallowed', origin: '3', roles: ['2 victim', '3 origin'] });
  });

  it('passes over a failure that was survived before the one that was not', () => {
    const swallowed = [hop(6, 'orders', 'outbound', 503, 20), hop(7, 'promotions', 'inbound', 503, 19)];
    const tree = transaction({ exchanges: [...CASCADE, ...swallowed], links: links('1>2 2>3 3>4 4>5 3>6 6>7') });
    expect(verdictOf(tree).origin).toBe('5');
  });

  it('passes over a failure that came after the answer', () => {
    const tree = transaction({
      exchanges: [
        hop(1, 'gateway', 'inbound', 500, 35),
        hop(2, 'gateway', 'outbound', 500, 80),
        hop(3, 'gateway', 'outbound', 500, 30),
      ],
      links: links('1>2 1>3'),
    });
    expect(verdictOf(tree).origin).toBe('3');
  });

  it('replays an origin that is only seen from outside at its caller', () => {
    const tree = transaction({
      exchanges: [hop(1, 'orders', 'inbound', 500), hop(2, 'orders', 'outbound', 503)],
      links: links('1>2'),
    });
    const { origin } = judgeTransaction(tree, judgeExchange);
    expect(origin?.exchange).toBe(stream(2));
    expect(origin && triggerOf(tree, origin)?.id).toBe(stream(1));
  });

  it('looks at the root above the origin when a trace has several', () => {
    const tree = transaction({ exchanges: [hop(1, 'gateway', 'inbound', 200), hop(2, 'gateway', 'inbound', 500)] });
    expect(verdictOf(tree)).toEqual({ outcome: 'failed', origin: '2', roles: ['2 origin'] });
  });
});

/** A gRPC call that was left without an answer, as the access log has it. `deadline`: of its own. */
function left(
  number: number,
  service: string,
  direction: 'inbound' | 'outbound',
  endedAt: number,
  deadline?: string,
): Exchange {
  const { response: _, ...asked } = exchange(number);
  return {
    ...asked,
    vantage: vantage(service, direction),
    request: message({
      ':method': 'POST',
      'content-type': 'application/grpc',
      ...(deadline !== undefined && { 'grpc-timeout': deadline }),
    }),
    startedAt: T0 + number,
    endedAt: T0 + endedAt,
    flags: ['DR'],
    logged: true,
  };
}

describe('a deadline that passes', () => {
  const chain = links('1>2 2>3');
  const judged = (tree: Transaction) => {
    const { origin } = judgeTransaction(tree, judgeExchange);
    return { ...verdictOf(tree), summary: origin?.summary };
  };

  it('is the failure of the service that hung, which each hop gave a little less time', () => {
    const exchanges = [
      left(1, 'gateway', 'inbound', 401, '400m'),
      left(2, 'gateway', 'outbound', 400, '397m'),
      left(3, 'orders', 'inbound', 402, '397m'),
    ];
    expect(judged(transaction({ exchanges, links: chain }))).toEqual({
      outcome: 'failed',
      origin: '3',
      roles: ['1 victim', '2 victim', '3 origin'],
      summary: 'no answer within its deadline of 397 ms',
    });
  });

  it('is that of the deepest call that went on until then, also when it was given more time, or none', () => {
    const exchanges = [
      left(1, 'gateway', 'inbound', 401, '400m'),
      left(2, 'gateway', 'outbound', 396),
      left(3, 'orders', 'inbound', 450, '60S'),
    ];
    expect(judged(transaction({ exchanges, links: chain }))).toEqual({
      outcome: 'failed',
      origin: '3',
      roles: ['1 victim', '2 victim', '3 origin'],
      summary: "no answer when its caller's deadline of 400 ms passed",
    });
  });

  it('is not that of calls which were over by then, well, badly or left', () => {
    const exchanges = [
      left(1, 'gateway', 'inbound', 401, '400m'),
      left(2, 'gateway', 'outbound', 100),
      hop(3, 'gateway', 'outbound', 200, 390),
      hop(4, 'gateway', 'outbound', 503, 200),
      left(5, 'gateway', 'outbound', 400),
    ];
    expect(judged(transaction({ exchanges, links: links('1>2 1>3 1>4 1>5') }))).toMatchObject({
      origin: '5',
      roles: ['1 victim', '4 origin', '5 origin'],
    });
  });

  it('is swallowed by a caller that goes on without', () => {
    const exchanges = [
      hop(1, 'gateway', 'inbound', 200, 500),
      left(2, 'gateway', 'outbound', 402, '400m'),
      left(3, 'orders', 'inbound', 402, '400m'),
    ];
    expect(judged(transaction({ exchanges, links: chain }))).toMatchObject({
      outcome: 'swallowed',
      origin: '3',
      roles: ['2 victim', '3 origin'],
    });
  });

  it('leads on when the service says so itself', () => {
    const told = exchange(1, {
      ...left(1, 'gateway', 'inbound', 401, '400m'),
      flags: [],
      response: message({ ':status': '200', 'content-type': 'application/grpc', 'grpc-status': '4' }, '', {
        endedAt: T0 + 401,
      }),
    });
    const exchanges = [told, left(2, 'gateway', 'outbound', 402), left(3, 'orders', 'inbound', 402)];
    expect(judged(transaction({ exchanges, links: chain })).origin).toBe('3');
  });

  it('explains nothing below a client that left before', () => {
    const exchanges = [left(1, 'gateway', 'inbound', 300, '400m'), left(2, 'gateway', 'outbound', 300)];
    expect(verdictOf(transaction({ exchanges, links: links('1>2') })).outcome).toBe('good');
  });

  it('is told by the ends of the calls where no log tells', () => {
    const unlogged = (one: Exchange, brokeOffAt: number): Exchange => {
      const { logged: _, ...rest } = one;
      return { ...rest, flags: [], brokeOffAt: T0 + brokeOffAt };
    };
    const exchanges = [
      unlogged(left(1, 'gateway', 'inbound', 1, '400m'), 402),
      unlogged(left(2, 'gateway', 'outbound', 1), 403),
    ];
    expect(verdictOf(transaction({ exchanges, links: links('1>2') }))).toMatchObject({
      origin: '2',
      roles: ['1 victim', '2 origin'],
    });
  });
});

describe('the fingerprint', () => {
  const fingerprintOf = (body: string, path = '/quotes') => {
    const failed = exchange(1, {
      request: message({ ':method': 'POST', ':path': path }),
      response: message({ ':status': '500', 'content-type': 'application/json' }, body),
    });
    return judgeTransaction(transaction({ exchanges: [failed] }), judgeExchange).fingerprint;
  };

  it('is one for repeats that differ in ids and values', () => {
    const one = fingerprintOf('{"error":"no row 17","id":"0a1b2c3d-1111-4222-8333-444455556666"}', '/quotes/17');
    expect(fingerprintOf('{"error":"no row 99","id":"ffffffff-1111-4222-8333-444455556666"}', '/quotes/99')).toBe(one);
  });

  it('is another for another error', () => {
    expect(fingerprintOf('{"error":"deadlock"}')).not.toBe(fingerprintOf('{"error":"no row"}'));
  });
});
