import { describe, expect, it } from 'vitest';
import { error, client, complete, handshake, query, ready, server } from '../../support/postgres-wire.ts';
import { Bench } from '../../support/recorder.ts';
import type { Call } from '../../support/recorder.ts';
import { client as asks, server as says } from '../../support/redis-wire.ts';
import { rulesOf } from '../../support/rules.ts';

const RULES = rulesOf(
  '- { name: lost, match: { service: carts, route: /orders/**, command: { error: "23*" } }, then: failure }',
);
const inserts = client(query('insert into orders values (7)'));
const refused = server(error('23505', 'duplicate key'), ready());
const done = server(complete('INSERT 0 1'), ready());

function connected(bench: Bench, instance = 'carts-1'): Call {
  return bench
    .call('carts', { direction: 'outbound', protocol: 'postgres', instance })
    .connect()
    .pass(...handshake);
}

/** One request that does `work` on the way. */
function serve(bench: Bench, trace: string, work: () => void, path = '/orders/7', service = 'carts'): void {
  const call = bench.call(service).request(path, { trace });
  bench.clock.advance(5);
  work();
  bench.clock.advance(5);
  call.respond(200);
}

/** Traces that were copied out. */
function copied(bench: Bench): readonly string[] {
  bench.settle();
  return bench
    .takeParts()
    .flatMap(({ purpose, transaction }) => (purpose === 'failure' ? [transaction.replace(/^trace:0*/, '')] : []));
}

describe('a transaction with an error of a database', () => {
  it('is copied out when a rule may be about it, with the connection', () => {
    const bench = new Bench({ rules: RULES });
    const database = connected(bench);
    serve(bench, 'a', () => database.pass(inserts, done));
    serve(bench, 'b', () => database.pass(inserts, refused));
    serve(bench, 'c', () => database.pass(inserts, done));
    bench.settle();
    const [part] = bench.parts.filter(({ purpose }) => purpose === 'failure');
    expect(Buffer.from(part?.records ?? []).includes('duplicate key')).toBe(true);
    expect(copied(bench)).toEqual(['b']);
    expect(bench.recorder.stats().commandLooks).toEqual({ looked: 1, left: 0 });
  });

  it.each([
    ['of another route', '/carts/7', 'carts', 'carts-1'],
    ['of another service', '/orders/7', 'shop', 'carts-1'],
    ['of another instance', '/orders/7', 'carts', 'carts-2'],
  ])('is not when it is %s', (_what, path, service, instance) => {
    const bench = new Bench({ rules: RULES });
    const database = connected(bench, instance);
    serve(bench, 'b', () => database.pass(inserts, refused), path, service);
    expect(copied(bench)).toEqual([]);
  });

  it('is not when no rule makes a failure of it', () => {
    const fine = rulesOf('- { name: a, match: { command: { error: "23*" } }, then: fine }');
    for (const rules of [undefined, fine]) {
      const bench = new Bench({ rules });
      const database = connected(bench);
      serve(bench, 'b', () => database.pass(inserts, refused));
      expect(copied(bench)).toEqual([]);
    }
  });

  it('is too when the error is seen just behind the answer to what was asked before, and not when it comes later', () => {
    const bench = new Bench({ rules: RULES });
    const database = connected(bench);
    serve(bench, 'a', () => database.pass(inserts));
    bench.clock.advance(300);
    serve(bench, 'b', () => undefined);
    bench.clock.advance(100);
    database.pass(refused);
    expect(copied(bench)).toEqual(['b']);
  });

  it('is left unread, and counted once, beyond what a second may take', () => {
    const bench = new Bench({ rules: RULES, commandLooksPerSecond: 2 });
    const database = connected(bench);
    for (const trace of ['a', 'b', 'c']) serve(bench, trace, () => database.pass(inserts, refused));
    database.pass(inserts, refused);
    expect(bench.recorder.stats().commandLooks).toEqual({ looked: 2, left: 1 });
    bench.clock.advance(1000);
    serve(bench, 'd', () => database.pass(inserts, refused));
    expect(copied(bench)).toEqual(['a', 'b', 'd']);
  });

  it('of Redis counts as well, also inside what EXEC ran', () => {
    const rules = rulesOf('- { name: a, match: { command: { error: WRONGTYPE } }, then: failure }');
    const bench = new Bench({ rules });
    const redis = bench.call('carts', { direction: 'outbound', protocol: 'redis' }).connect('cache:6379');
    const queued = [asks('MULTI', 'LPUSH a b', 'EXEC'), says('+OK', '+QUEUED')];
    serve(bench, 'a', () => redis.pass(asks('GET a'), says('$1|-')));
    serve(bench, 'b', () => redis.pass(asks('LPUSH a b'), says('-WRONGTYPE no list')));
    serve(bench, 'c', () => redis.pass(...queued, says('*1|:1')));
    serve(bench, 'd', () => redis.pass(...queued, says('*1|-WRONGTYPE no list')));
    expect(copied(bench)).toEqual(['b', 'd']);
  });
});
