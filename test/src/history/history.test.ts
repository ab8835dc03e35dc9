// Memory holds seconds, the file behind it minutes: whoever wants what is older finds it there as if it had been asked for in time.
import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import {
  bind,
  bindComplete,
  client,
  close,
  closeComplete,
  complete,
  execute,
  handshake,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  sync,
} from '../../support/postgres-wire.ts';
import { HistoryBench } from '../../support/history.ts';
import type { BenchOptions } from '../../support/history.ts';
import type { Bench, Call } from '../../support/recorder.ts';
import { traceKey } from '../../support/recorder.ts';

const onDatabase = { direction: 'outbound', protocol: 'postgres' } as const;

const selects = (sql: string) => [client(query(sql)), server(row('1'), complete('SELECT 1'), ready())];
const prepares = [client(parse('select * from carts where id = $1', 'cart'), sync), server(parseComplete, ready())];
const usesPrepared = [
  client(bind(['7'], 'cart'), execute(), sync),
  server(bindComplete, row('1'), complete('SELECT 1'), ready()),
];
const closesPrepared = [client(close('statement', 'cart'), sync), server(closeComplete, ready())];

function serve(bench: Bench, keys: { readonly trace?: string; readonly requestId?: string }, work: () => void): void {
  bench.clock.advance(5);
  const call = bench.call('carts').request('/carts/7', keys);
  bench.clock.advance(5);
  work();
  bench.clock.advance(5);
  call.respond(200);
  bench.clock.advance(5);
}

function contentOf(parts: readonly RecordedPart[]) {
  const [first] = parts;
  if (first === undefined) return undefined;
  const { exchanges, commands, holes } = assemble(first.transaction, parts);
  return {
    paths: exchanges
      .map(({ request }) => request?.headers.find(({ name }) => name === ':path')?.value ?? '')
      .toSorted(inOrder),
    commands: commands.map(({ command, attribution }) => `${attribution} ${command.summary}`),
    holes: holes.map(({ what }) => what),
  };
}

const inOrder = (one: string, other: string): number => one.localeCompare(other);

const ONE_COMMAND = { paths: ['/carts/7'], commands: ['exclusive select 7'], holes: [] };

/** A request with a command, long aged out of memory. */
async function aged(options: BenchOptions = {}, keys: { trace?: string; requestId?: string } = { trace: 'a' }) {
  const held = await HistoryBench.start(options);
  const database = held.bench
    .call('carts', onDatabase)
    .connect()
    .pass(...handshake);
  serve(held.bench, keys, () => database.pass(...selects('select 7')));
  held.age(100_000);
  return { held, bench: held.bench, database };
}

describe('what memory has no more is found whole', () => {
  it('by an order to keep it', async () => {
    const { held, bench } = await aged();
    bench.recorder.keep(traceKey('a'));
    expect(contentOf(await held.failures())).toEqual(ONE_COMMAND);
  });

  it('by a failure that comes a minute of traffic late', async () => {
    const { held, bench } = await aged();
    bench.clock.advance(60_000);
    bench.exchange('mailer', '/send', 500, { trace: 'a' });
    const parts = await held.failures();
    expect(contentOf(parts)).toEqual({ ...ONE_COMMAND, paths: ['/carts/7', '/send'] });
    expect(parts.map(({ overwritten }) => overwritten)).toEqual([0, 0]);
  });

  it('by a request id, once a trace shows that it is of it', async () => {
    const { held, bench } = await aged({}, { requestId: 'r' });
    bench.exchange('gateway', '/checkout', 500, { trace: 'a', requestId: 'r' });
    expect(contentOf(await held.failures())).toEqual({ ...ONE_COMMAND, paths: ['/carts/7', '/checkout'] });
  });

  it('also from blocks on disk', async () => {
    const { held, bench } = await aged();
    held.age(3_000_000);
    await held.written(1);
    bench.recorder.keep(traceKey('a'));
    expect(contentOf(await held.failures())).toEqual(ONE_COMMAND);
    expect(held.onDisk().includes('/carts/7')).toBe(false);
  });

  it('with statements prepared long before, and closed since', async () => {
    const held = await HistoryBench.start();
    const { bench } = held;
    const database = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake, ...prepares);
    for (let index = 0; index < 200; index++)
      serve(bench, { trace: `c${index}` }, () => database.pass(...selects(`select ${index}`)));
    held.age(2_000_000);
    serve(bench, { trace: 'a' }, () => database.pass(...usesPrepared));
    database.pass(...closesPrepared);
    held.age(100_000);
    bench.recorder.keep(traceKey('a'));
    expect(contentOf(await held.failures())).toEqual({
      paths: ['/carts/7'],
      commands: ['exclusive select * from carts where id = $1'],
      holes: [],
    });
  });

  it('when an exchange that is still open began before memory does', async () => {
    const held = await HistoryBench.start();
    const { bench } = held;
    const database = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    bench.clock.advance(5);
    const call = bench.call('carts').request('/carts/7', { trace: 'a', end: false });
    call.requestBody('early');
    bench.clock.advance(5);
    database.pass(...selects('select 7'));
    held.age(100_000);
    call.requestBody('late', true);
    database.pass(...selects('select 8'));
    bench.clock.advance(5);
    call.respond(500);
    const content = contentOf(await held.failures());
    expect(content?.commands).toEqual([expect.stringContaining('select 7'), expect.stringContaining('select 8')]);
    expect(content?.holes).toEqual([]);
  });
});

describe('the books', () => {
  it('tell what history has, what it gave, and what it lost, and their sum stays exact', async () => {
    const held = await HistoryBench.start();
    const { bench } = held;
    const call = bench.call('gateway').request('/buy', { trace: 'a', end: false });
    for (let index = 0; index < 10; index++) call.requestBody(new Uint8Array(500));
    held.age(100_000);
    expect(fates(bench)).toMatchObject({ history: 10, overwritten: 0 });
    call.requestBody('', true).respond(500);
    const parts = await held.failures();
    expect(fates(bench)).toMatchObject({ history: 0, overwritten: 0 });
    expect(contentOf(parts)?.holes).toEqual([]);
    expectWhole(bench);
  });

  it('have what the index forgot, while memory still held it, as tossed; a late order takes it', async () => {
    const held = await HistoryBench.start({ limits: { indexBytes: 9_000 } });
    const { bench } = held;
    bench.exchange('carts', '/carts/7', 200, { trace: 'a' });
    held.age(100_000);
    const { segments } = bench.recorder.stats().fates.tossed;
    bench.recorder.keep(traceKey('a'));
    expect(contentOf(await held.failures())).toMatchObject({ paths: ['/carts/7'], holes: [] });
    expect(bench.recorder.stats().fates).toMatchObject({ kept: { segments: 4 }, tossed: { segments: segments - 4 } });
    expectWhole(bench);
  });

  it('count what no piece was free for as overwritten, and the part says so', async () => {
    const held = await HistoryBench.start({ pieces: 0 });
    const { bench } = held;
    const call = bench.call('gateway').request('/buy', { trace: 'a', end: false });
    for (let index = 0; index < 10; index++) call.requestBody(new Uint8Array(500));
    held.age(100_000);
    call.requestBody('', true).respond(500);
    const parts = await held.failures();
    expect(parts.map(({ overwritten }) => overwritten)).toEqual([0, 10]);
    expect(fates(bench)).toMatchObject({ history: 0, overwritten: 10 });
    expect(bench.recorder.stats().spill?.dropped.segments).toBeGreaterThan(10);
    expectWhole(bench);
  });

  it('turn history into overwritten when its blocks are, or when it is gone', async () => {
    const held = await HistoryBench.start({ slots: 2 });
    const { bench } = held;
    const open = openCall(bench, 'a');
    held.age(1_500_000);
    expect(fates(bench)).toMatchObject({ history: 10, overwritten: 0 });
    held.age(4_000_000);
    await held.written(3);
    expect(fates(bench)).toMatchObject({ history: 0, overwritten: 10 });
    openCall(bench, 'b');
    held.age(100_000);
    open.ended();
    bench.recorder.historyGone();
    expect(fates(bench)).toMatchObject({ history: 0, overwritten: 20 });
    expectWhole(bench);
  });
});

function openCall(bench: Bench, trace: string): Call {
  const call = bench.call('gateway').request('/buy', { trace, end: false });
  for (let index = 0; index < 10; index++) call.requestBody(new Uint8Array(500));
  return call;
}

function fates(bench: Bench): Record<string, number> {
  return Object.fromEntries(
    Object.entries(bench.recorder.stats().fates).map(([fate, { segments }]) => [fate, segments]),
  );
}

function expectWhole(bench: Bench): void {
  for (const unit of ['segments', 'bytes'] as const) {
    const { received, ...rest } = bench.recorder.stats().fates;
    expect(Object.values(rest).reduce((sum, tally) => sum + tally[unit], 0)).toBe(received[unit]);
  }
}
