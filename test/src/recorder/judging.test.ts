import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { judgeBy } from '../../../src/keeping/judge.ts';
import type { RuleSet } from '../../../src/verdict/rules/set.ts';
import { Bench, traceKey } from '../../support/recorder.ts';
import { rulesOf } from '../../support/rules.ts';

interface Happened {
  readonly service: string;
  readonly direction: 'inbound' | 'outbound';
  readonly authority: string;
  readonly method: string;
  readonly path: string;
  readonly tenant: string | undefined;
  readonly status: number;
  readonly result: string | undefined;
  readonly grpcStatus: number | undefined;
  readonly flags: number;
  readonly ms: number;
  readonly whole: boolean;
  readonly deadline: string | undefined;
  readonly answered: boolean;
  /** What the access log says: before the call ends, or never. */
  readonly log: { readonly flags: readonly string[]; readonly durationMs: number } | undefined;
}

const HAPPENED: fc.Arbitrary<Happened> = fc.record({
  service: fc.constantFrom('orders', 'cart', 'cart-canary'),
  direction: fc.constantFrom('inbound', 'outbound'),
  authority: fc.constantFrom('cart', 'cart.shop.svc.cluster.local:8080', 'localhost:9000', '10.0.0.7', 'Stripe.com'),
  method: fc.constantFrom('GET', 'POST'),
  path: fc.constantFrom('/', '/orders/7', '/orders/7?x=1', '/orders/7/items', '/healthz', '/graphql'),
  tenant: fc.option(fc.constantFrom('acme', 'acme-eu', ''), { nil: undefined }),
  status: fc.constantFrom(200, 204, 301, 404, 409, 500, 503, 504),
  result: fc.option(fc.constantFrom('OK', 'ERROR'), { nil: undefined }),
  grpcStatus: fc.option(fc.constantFrom(0, 5, 13, 14), { nil: undefined }),
  flags: fc.constantFrom(0, 1 << 5, 1 << 2),
  ms: fc.constantFrom(0, 100, 499.5, 500, 501, 3000),
  whole: fc.boolean(),
  deadline: fc.option(fc.constantFrom('500m', '3S', '9n', 'soon'), { nil: undefined }),
  answered: fc.boolean(),
  log: fc.option(
    fc.record({
      flags: fc.constantFrom([], ['downstreamRemoteReset'], ['upstreamRemoteReset']),
      durationMs: fc.constantFrom(0, 100, 489, 490, 500, 3000),
    }),
    { nil: undefined },
  ),
});

const some = (...values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
/** Only conditions that need no body. */
const MATCH = fc
  .record({
    service: some('cart', '"cart*"', '"*"', '[orders, cart]', 'stripe.com', '10.0.0.7'),
    direction: some('inbound', 'outbound'),
    peer: some('cart', '"*.local"', 'localhost'),
    route: some('/orders/*', 'POST /orders/**', '"**"', '[GET /healthz, /graphql]', 'GET /'),
    status: some('404', '5xx', '[200, 409]', '"<400"', '500-503'),
    grpc: some('UNAVAILABLE', '[0, 5]'),
    flags: some('UF', '[UT, UF]'),
    requestHeader: some(
      '{ name: x-tenant, is: acme }',
      '{ name: x-tenant, glob: "acme*" }',
      '{ name: x-tenant, absent: true }',
    ),
    responseHeader: some('{ name: x-result, has: ERR }', '{ name: x-result, absent: true }'),
    slower: some('500ms', '1s'),
    failed: some('true', 'false'),
  })
  .map((match) => Object.entries(match).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`])))
  .filter((conditions) => conditions.some((text) => !/^(?:service|direction|peer|route):/.test(text)));

const RULES = fc
  .array(fc.record({ match: MATCH, says: fc.constantFrom('failure', 'fine', 'failure-unless-swallowed') }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((rules) =>
    rules
      .map(({ match, says }, index) => `- { name: r${index}, match: { ${match.join(', ')} }, then: ${says} }`)
      .join('\n'),
  )
  .map(compiled)
  .filter((set) => set !== undefined);

/** Rules that contradict each other are none. */
function compiled(yaml: string): RuleSet | undefined {
  try {
    return rulesOf(yaml);
  } catch {
    return undefined;
  }
}

/** The filter's flags as the access log has them. */
const LOGGED: ReadonlyMap<number, readonly string[]> = new Map([
  [1 << 5, ['upstreamConnectionFailure']],
  [1 << 2, ['upstreamRequestTimeout']],
]);

/** Plays it to a ring, which judges by these rules. */
function play(happened: Happened, rules: RuleSet): Bench {
  const bench = new Bench({ rules, ringBytes: 64 * 1024 });
  const { service, direction, authority, method, path, tenant, status, result, grpcStatus, flags, ms, whole } =
    happened;
  const { deadline, answered, log } = happened;
  const call = bench.call(service, { direction });
  const headers = {
    ...(tenant !== undefined && { 'x-tenant': tenant }),
    ...(deadline !== undefined && { 'content-type': 'application/grpc', 'grpc-timeout': deadline }),
  };
  const start = { requestId: 'r-1', micros: 1_789_999_999_900_123, port: 40_001 };
  call.request(path, { trace: '7', method, authority, headers, start });
  bench.clock.advance(ms);
  const grpc = grpcStatus === undefined ? {} : { 'content-type': 'application/grpc', 'grpc-status': `${grpcStatus}` };
  const answer = {
    end: whole,
    headers: { ...(result !== undefined && { 'x-result': result }), ...grpc },
    attributes: { 'response.code': status, 'response.flags': flags },
  };
  if (answered) call.respond(status, answer);
  if (log !== undefined) {
    // An Envoy takes no flag back: what the filter was told with the answer is in the log as well.
    const all = [...(answered ? (LOGGED.get(flags) ?? []) : []), ...log.flags];
    bench.log(service, start, { direction, ...log, flags: all, ...(answered && { code: status }) });
  }
  bench.clock.advance(ms === 500 ? 1000 : 40);
  call.ended();
  bench.settle();
  return bench;
}

/** As it is assembled of what the ring held: asked for, so whatever was said of it. */
function exchangeOf(happened: Happened): Exchange {
  const bench = play(happened, rulesOf(''));
  bench.recorder.keep(traceKey('7'));
  bench.settle();
  const [exchange] = assemble(traceKey('7'), bench.takeParts()).exchanges;
  if (exchange === undefined) throw new Error('nothing was recorded');
  return exchange;
}

describe('rules in the ring and over the tree', () => {
  it('judge alike, whatever happened', () => {
    fc.assert(
      fc.property(HAPPENED, RULES, (happened, rules) => {
        const kept = play(happened, rules).parts.some(({ purpose }) => purpose === 'failure');
        expect(judgeBy(rules)(exchangeOf(happened)) !== undefined).toBe(kept);
      }),
      { numRuns: 300 },
    );
  });
});
