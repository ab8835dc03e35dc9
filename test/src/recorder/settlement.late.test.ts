// A transaction that went well is only counted; its records lie in the ring until age takes them, and whoever wants them before finds them.
import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { client, complete, handshake, query, ready, row, server } from '../../support/postgres-wire.ts';
import { Bench, outlineOf, segmentsOf, traceKey } from '../../support/recorder.ts';

const onDatabase = { direction: 'outbound', protocol: 'postgres' } as const;

/** A request to `carts` that asks its database something, answered well. */
function serveWell(bench: Bench, keys: { readonly trace?: string; readonly requestId?: string }): void {
  const database = bench
    .call('carts', onDatabase)
    .connect()
    .pass(...handshake);
  bench.clock.advance(5);
  const call = bench.call('carts').request('/carts/7', keys);
  bench.clock.advance(5);
  database.pass(client(query('select 7')), server(row('7'), complete('SELECT 1'), ready()));
  bench.clock.advance(5);
  call.respond(200);
  bench.clock.advance(5);
}

function failuresOf(bench: Bench): readonly RecordedPart[] {
  bench.settle();
  return bench.takeParts().filter(({ purpose }) => purpose === 'failure');
}

/** Exchanges and commands of all parts together. */
function contentOf(parts: readonly RecordedPart[]) {
  const [first] = parts;
  if (first === undefined) return undefined;
  const { exchanges, commands, holes } = assemble(first.transaction, parts);
  return {
    paths: exchanges.map(({ request }) => request?.headers.find(({ name }) => name === ':path')?.value),
    commands: commands.map(({ command, attribution }) => `${attribution} ${command.summary}`),
    holes: holes.map(({ what }) => what),
  };
}

const WHOLE = { commands: ['exclusive select 7'], holes: [] };

describe('what was tossed is found whole', () => {
  it('by an order to keep it', () => {
    const bench = new Bench();
    serveWell(bench, { trace: 'a' });
    expect(failuresOf(bench)).toEqual([]);
    expect(bench.recorder.stats()).toMatchObject({ keptTransactions: 0, tossedTransactions: 1 });
    bench.clock.advance(60_000);
    bench.recorder.keep(traceKey('a'));
    expect(contentOf(failuresOf(bench))).toEqual({ paths: ['/carts/7'], ...WHOLE });
    expect(bench.recorder.stats()).toMatchObject({ keptTransactions: 1, tossedTransactions: 0 });
  });

  it('by a failure that comes a minute late', () => {
    const bench = new Bench();
    serveWell(bench, { trace: 'a' });
    bench.settle();
    bench.takeParts();
    bench.clock.advance(60_000);
    bench.exchange('mailer', '/send', 500, { trace: 'a' });
    expect(contentOf(failuresOf(bench))).toEqual({ paths: ['/carts/7', '/send'], ...WHOLE });
  });

  it('by a trace that failed, once an exchange shows that it was of that trace', () => {
    const bench = new Bench();
    serveWell(bench, { requestId: 'r' });
    bench.settle();
    bench.exchange('mailer', '/send', 500, { trace: 'a' });
    bench.settle();
    const before = bench.takeParts().filter(({ purpose }) => purpose === 'failure');
    bench.clock.advance(10_000);
    bench.exchange('gateway', '/checkout', 200, { trace: 'a', requestId: 'r' });
    const after = failuresOf(bench);
    expect(contentOf([...before, ...after])).toEqual({ paths: ['/carts/7', '/send', '/checkout'], ...WHOLE });
    expect(bench.recorder.stats()).toMatchObject({ keptTransactions: 1, tossedTransactions: 0, transactions: 1 });
  });

  it('by an order for the request id under which it was seen first', () => {
    const bench = new Bench();
    serveWell(bench, { requestId: 'r' });
    bench.settle();
    bench.takeParts();
    bench.exchange('gateway', '/checkout', 500, { trace: 'a' });
    bench.exchange('gateway', '/checkout', 200, { trace: 'a', requestId: 'r' });
    const content = contentOf(failuresOf(bench));
    expect(content).toEqual({ paths: ['/carts/7', '/checkout', '/checkout'], ...WHOLE });
  });
});

describe('what age has taken', () => {
  const small = { ringBytes: 16_384 };
  const noise = (bench: Bench, times: number): void => {
    for (let index = 0; index < times; index++)
      bench.exchange('noise', '/', 200, { trace: `f${index}`, headers: { x: 'x'.repeat(800) } });
  };

  it('in part leaves the rest, and tells where the loss is', () => {
    const bench = new Bench(small);
    const call = bench.call('gateway').request('/buy', { trace: 'a', end: false });
    for (let index = 0; index < 10; index++) call.requestBody(new Uint8Array(500));
    call.requestBody('', true).respond(200);
    bench.settle();
    noise(bench, 10);
    bench.takeParts();
    bench.recorder.keep(traceKey('a'));
    const parts = failuresOf(bench);
    expect(segmentsOf(parts[0])[0]?.sequence).toBeGreaterThan(0);
    expect(outlineOf(parts[0]).at(-1)).toMatch(/ended$/);
    expect(contentOf(parts)?.holes).not.toEqual([]);
  });

  it('altogether is not found, and an order for it is no error', () => {
    const bench = new Bench(small);
    bench.exchange('gateway', '/buy', 200, { trace: 'a' });
    bench.settle();
    noise(bench, 40);
    bench.takeParts();
    bench.recorder.keep(traceKey('a'));
    expect(failuresOf(bench)).toEqual([]);
  });
});
