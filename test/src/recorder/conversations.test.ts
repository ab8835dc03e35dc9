import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import { SegmentFlag } from '../../../src/domain/segment.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { decodeGap, recordBytes } from '../../../src/wire/segments/record.ts';
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
import type { Sent } from '../../support/postgres-wire.ts';
import { Bench, outlineOf, segmentsOf } from '../../support/recorder.ts';
import type { Call } from '../../support/recorder.ts';

const onDatabase = { direction: 'outbound', protocol: 'postgres' } as const;

function selects(sql: string): readonly [Sent, Sent] {
  return [client(query(sql)), server(row('1'), complete('SELECT 1'), ready())];
}
const prepares = [client(parse('select * from carts where id = $1', 'cart'), sync), server(parseComplete, ready())];
const usesPrepared = [
  client(bind(['7'], 'cart'), execute(), sync),
  server(bindComplete, row('1'), complete('SELECT 1'), ready()),
];
const closesPrepared = [client(close('statement', 'cart'), sync), server(closeComplete, ready())];

function commandsOf(part: RecordedPart | undefined): readonly string[] {
  const transaction = part && assemble(part.transaction, [part]);
  return transaction?.commands.map(({ command, attribution }) => `${attribution} ${command.summary}`) ?? [];
}

function failures(bench: Bench): readonly RecordedPart[] {
  bench.settle();
  return bench.takeParts().filter((part) => part.purpose === 'failure');
}

/** Serves one request that does `work` on the way. Time moves, so that before and after can be told. */
function serve(bench: Bench, trace: string, status: number, work: () => void): Call {
  bench.clock.advance(5);
  const call = bench.call('carts').request(`/${trace}`, { trace });
  bench.clock.advance(5);
  work();
  bench.clock.advance(5);
  call.respond(status);
  bench.clock.advance(5);
  return call;
}

describe('the connections of a kept transaction', () => {
  it('come with it: what passed while its exchange was open, and no more', () => {
    const bench = new Bench();
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    serve(bench, 'a', 200, () => connection.pass(...selects('select 1')));
    serve(bench, 'b', 500, () => connection.pass(...selects('select 2'), ...selects('select 3')));
    serve(bench, 'c', 200, () => connection.pass(...selects('select 4')));
    expect(failures(bench).map(commandsOf)).toEqual([['exclusive select 2', 'exclusive select 3']]);
  });

  it('come with it also when Envoy’s threads were read out of order: a command in front of its request, and one behind its answer', () => {
    const bench = new Bench();
    const connections = [0, 1].map(() =>
      bench
        .call('carts', onDatabase)
        .connect()
        .pass(...handshake),
    );
    bench.clock.advance(30);
    const trace = 'b'.repeat(32);
    const marked = (sql: string) => selects(`${sql} /*traceparent='00-${trace}-${'2'.repeat(16)}-01'*/`);
    connections[0]?.pass(...marked('select 1'));
    bench.clock.advance(8);
    const call = bench.call('carts').request('/b', { trace });
    bench.clock.advance(5);
    call.respond(500);
    bench.clock.advance(8);
    connections[1]?.pass(...marked('rollback'));
    bench.clock.advance(30);
    connections[1]?.pass(...marked('select 2'));
    expect(commandsOf(failures(bench)[0]).map((line) => line.slice(0, 19))).toEqual([
      'propagated select 1',
      'propagated rollback',
    ]);
  });

  it('begin at an anchor, with what says who speaks and the state in front', () => {
    const bench = new Bench();
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    serve(bench, 'b', 500, () => connection.pass(...selects('select 2')));
    const segments = segmentsOf(failures(bench)[0]).filter((segment) => segment.stream === connection.number);
    expect(segments.map((segment) => `${segment.sequence} ${segment.kind}`)).toEqual([
      // A new connection's state, as it was just before segment 6, its first question.
      '6 state',
      '6 state',
      '6 state',
      '6 state',
      '6 state',

      '0 opened',
      '1 message',
      '2 message',
      '6 message',
      '7 message',
    ]);
    expect(segments.find((segment) => segment.kind === 'message' && segment.sequence === 6)?.flags).toBe(
      SegmentFlag.anchor,
    );
  });

  it('begin earlier when a question was pending as the exchange began, and end later when its answer comes late', () => {
    const bench = new Bench();
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    bench.clock.advance(5);
    connection.pass(...selects('select 1'));
    bench.clock.advance(5);
    const [question, answer] = selects('select 2');
    connection.pass(question);
    serve(bench, 'b', 500, () => connection.pass(answer, client(query('select 3'))));
    connection.pass(server(row('1'), complete('SELECT 1'), ready()), ...selects('select 4'));
    const [part] = failures(bench);
    const transaction = part && assemble(part.transaction, [part]);
    const [conversation] = transaction?.conversations ?? [];
    const texts = conversation?.bytes
      .filter(({ side }) => side === 'client')
      .map(({ bytes }) => Buffer.from(bytes).toString('latin1', 5));
    expect(texts).toEqual(['select 2\0', 'select 3\0']);
    expect(conversation?.bytes.at(-1)?.side).toBe('server');
  });

  it('know the statements that were prepared before, also those closed since', () => {
    const bench = new Bench();
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    serve(bench, 'a', 200, () => connection.pass(...prepares, ...usesPrepared));
    serve(bench, 'b', 500, () => connection.pass(...usesPrepared));
    connection.pass(...closesPrepared);
    expect(failures(bench).map(commandsOf)).toEqual([['exclusive select * from carts where id = $1']]);
  });

  it('know them also when the ring has long forgotten the handshake', () => {
    const bench = new Bench({ ringBytes: 64 * 1024 });
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    connection.pass(...prepares);
    for (let index = 0; index < 400; index++)
      serve(bench, `c${index}`, 200, () => connection.pass(...selects(`select ${index}`)));
    serve(bench, 'b', 500, () => connection.pass(...usesPrepared));
    connection.pass(...closesPrepared);
    const [part] = failures(bench);
    expect(outlineOf(part).slice(0, 3)).toEqual(['1.0 opened', '1.1 message', '1.2 message']);
    expect(segmentsOf(part)[0]?.flags).toBe(SegmentFlag.pinned);
    expect(commandsOf(part)).toEqual(['exclusive select * from carts where id = $1']);
    const received = segmentsOf(part).filter((segment) => segment.kind !== 'state');
    const bytes = received.reduce((sum, segment) => sum + recordBytes(segment.payload.length), 0);
    expect(bench.recorder.stats().fates.kept).toEqual({ segments: received.length, bytes });
  });

  it('are shared by transactions that were open together, as candidates', () => {
    const bench = new Bench();
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    serve(bench, 'a', 500, () => {
      serve(bench, 'b', 500, () => connection.pass(...selects('select 1')));
    });
    const before = bench.recorder.stats().fates;
    expect(failures(bench).map(commandsOf)).toEqual([['candidate select 1'], ['candidate select 1']]);
    const { kept, inFlight } = bench.recorder.stats().fates;
    expect(kept.bytes + inFlight.bytes).toBe(before.received.bytes);
  });

  it('are those of its own instances, and only those that were used', () => {
    const bench = new Bench();
    const [here, idle, there] = ['carts-1', 'carts-1', 'carts-2'].map((instance) =>
      bench
        .call('carts', { ...onDatabase, instance })
        .connect()
        .pass(...handshake),
    );
    serve(bench, 'b', 500, () => {
      here?.pass(...selects('select 1'));
      there?.pass(...selects('select 2'));
    });
    const streams = new Set(segmentsOf(failures(bench)[0]).map((segment) => segment.stream));
    expect([here, idle, there].map((call) => streams.has(call?.number ?? 0))).toEqual([true, false, false]);
  });

  it('are never more than a part may bring along; a gap tells what is missing', () => {
    const bench = new Bench({ transactionBytes: 3_000 });
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    serve(bench, 'b', 500, () => {
      for (let index = 0; index < 40; index++) connection.pass(...selects(`select ${index}`));
    });
    const [part] = failures(bench);
    const gap = segmentsOf(part).find((segment) => segment.kind === 'gap');
    expect(decodeGap(gap?.payload ?? new Uint8Array())).toMatchObject({ reason: 'budget' });
    expect(commandsOf(part).length).toBeGreaterThan(5);
    expect(commandsOf(part).length).toBeLessThan(40);
  });

  it('of a protocol that nothing understands are what passed in that time', () => {
    const bench = new Bench();
    const connection = bench.call('carts', { ...onDatabase, protocol: 'tcp' }).connect();
    connection.pass({ side: 'client', bytes: Buffer.from('before') });
    bench.clock.advance(5);
    serve(bench, 'b', 500, () => connection.pass({ side: 'client', bytes: Buffer.from('within') }));
    const part = failures(bench)[0];
    const transaction = part && assemble(part.transaction, [part]);
    const texts = transaction?.conversations[0]?.bytes.map(({ bytes }) => Buffer.from(bytes).toString());
    expect(texts).toEqual(['within']);
  });
});

describe('a connection', () => {
  it("that was refused carries Envoy's words, not the database's", () => {
    const bench = new Bench();
    const exchange = bench.call('carts').request('/b', { trace: 'b' });
    const refused = bench.call('carts', onDatabase).connect('db:5432', 503);
    refused.responseBody('upstream connect error', true).ended();
    exchange.respond(500);
    const segments = segmentsOf(failures(bench)[0]).filter((segment) => segment.stream === refused.number);
    expect(segments.map((segment) => `${segment.sequence} ${segment.kind} ${segment.flags}`)).toEqual([
      '0 opened 0',
      '1 message 0',
      '2 message 0',
      '3 message 0',
      '4 ended 0',
    ]);
  });

  it('that nobody asks for is tossed by age, and forgotten when it ended', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake)
      .ended();
    const { inFlight } = bench.recorder.stats().fates;
    for (let index = 0; index < 100; index++) bench.exchange('gateway', '/', 200, { trace: `${index}` });
    bench.settle();
    const { fates, pinnedBytes, instances } = bench.recorder.stats();
    expect(instances).toBe(1);
    expect(fates.tossed.segments).toBe(inFlight.segments + 400 - fates.overwritten.segments);
    expect([fates.inFlight.segments, pinnedBytes]).toEqual([0, 0]);
  });
});

describe('the start-up of a connection', () => {
  it('is ambient, and handed on when the service first serves', () => {
    const bench = new Bench();
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake, ...selects('select version()'));
    expect(bench.takeParts()).toEqual([]);
    serve(bench, 'a', 200, () => connection.pass(...selects('select 1')));
    const [part, ...more] = bench.takeParts();
    expect(part).toMatchObject({ purpose: 'ambient', subject: 'carts', transaction: 'request:00000000000000aa.1' });
    expect(outlineOf(part)).toEqual([
      '1.0 opened',
      ...Array.from({ length: 7 }, (_, index) => `1.${index + 1} message`),
    ]);
    expect(more).toEqual([]);
    serve(bench, 'b', 200, () => connection.pass(...selects('select 2')));
    expect(bench.takeParts()).toEqual([]);
  });

  it('is handed on also when it ends before anyone is served, and survives the ring', () => {
    const bench = new Bench({ ringBytes: 16_384 });
    const connection = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    for (let index = 0; index < 100; index++)
      bench.exchange('gateway', '/', 200, { trace: `${index}`, headers: { x: 'x'.repeat(99) } });
    bench.takeParts();
    connection.pass(...selects('select migration')).ended();
    const part = bench.takeParts().find(({ purpose }) => purpose === 'ambient');
    expect(outlineOf(part)).toEqual([
      '1.0 opened',
      ...Array.from({ length: 7 }, (_, index) => `1.${index + 1} message`),
    ]);
    expect(part && assemble(part.transaction, [part]).conversations).toHaveLength(1);
  });

  it('is no longer than its limit', () => {
    const bench = new Bench({ prologueBytes: 100 });
    const connection = bench.call('carts', { ...onDatabase, protocol: 'tcp' }).connect();
    for (let index = 0; index < 5; index++) connection.pass({ side: 'client', bytes: new Uint8Array(40) });
    connection.ended();
    expect(outlineOf(bench.takeParts()[0])).toEqual([
      '1.0 opened',
      '1.1 message',
      '1.2 message',
      '1.3 message',
      '1.4 message',
    ]);
  });

  it('is taken of a few connections to one peer, not of a whole pool', () => {
    const bench = new Bench();
    for (let index = 0; index < 20; index++)
      bench
        .call('carts', onDatabase)
        .connect()
        .pass(...handshake);
    bench.call('carts').request('/', { trace: 'a' });
    expect(bench.takeParts()).toHaveLength(4);
  });

  it('is none when the service was serving already', () => {
    const bench = new Bench();
    serve(bench, 'a', 200, () =>
      bench
        .call('carts', onDatabase)
        .connect()
        .pass(...handshake)
        .ended(),
    );
    expect(bench.takeParts()).toEqual([]);
  });
});

it('an answer beyond what is kept of a body keeps its question and its beginning, and the connection is read on behind it', () => {
  const bench = new Bench({ bodyBytes: 2000 });
  const database = bench
    .call('carts', onDatabase)
    .connect('db.shop:5432')
    .pass(...handshake, ...prepares);
  serve(bench, 'a', 500, () => {
    database.pass(client(query('select everything')));
    for (let chunk = 0; chunk < 10; chunk++) database.pass(server(row('x'.repeat(400))));
    database.pass(server(complete('SELECT 10'), ready()));
    database.pass(...usesPrepared);
  });
  const [part] = failures(bench);
  expect(commandsOf(part)).toEqual(['exclusive select everything', 'exclusive select * from carts where id = $1']);
  const transaction = part && assemble(part.transaction, [part]);
  expect(transaction?.commands.map(({ command }) => [command.rows, command.cut])).toEqual([
    [4, true],
    [1, undefined],
  ]);
  expect(transaction?.holes).toMatchObject([
    { what: expect.stringMatching(/bytes to carts were not kept \(budget\)$/) as string },
  ]);
});

it('the same while nothing has come behind it', () => {
  const bench = new Bench({ bodyBytes: 2000 });
  const database = bench
    .call('carts', onDatabase)
    .connect('db.shop:5432')
    .pass(...handshake);
  serve(bench, 'a', 500, () => {
    database.pass(client(query('select everything')));
    for (let chunk = 0; chunk < 10; chunk++) database.pass(server(row('x'.repeat(400))));
  });
  const [part] = failures(bench);
  const transaction = part && assemble(part.transaction, [part]);
  expect(transaction?.commands.map(({ command }) => [command.rows, command.cut])).toEqual([[4, true]]);
  expect(transaction?.holes).toHaveLength(1);
});

describe('a connection that many share, on which something is always pending', () => {
  const onCache = { direction: 'outbound', protocol: 'redis' } as const;
  const asks = (key: string): Sent => ({
    side: 'client',
    bytes: Buffer.from(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`),
  });
  const says = (value: string): Sent => ({ side: 'server', bytes: Buffer.from(`$${value.length}\r\n${value}\r\n`) });

  it('is read on and on: what is kept is counted for each answer', () => {
    const bench = new Bench({ bodyBytes: 2000 });
    const cache = bench.call('carts', onCache).connect('cache.shop:6379').pass(asks('first'));
    serve(bench, 'a', 500, () => {
      for (let index = 0; index < 100; index++) cache.pass(asks(`key-${index}`), says('x'.repeat(50)));
    });
    cache.pass(says('last'));
    const commands = commandsOf(failures(bench)[0]);
    expect(commands.filter((command) => command.includes('GET key-'))).toHaveLength(100);
  });

  it('goes on behind an answer that is too long', () => {
    const bench = new Bench({ bodyBytes: 2000 });
    const cache = bench.call('carts', onCache).connect('cache.shop:6379').pass(asks('first'));
    serve(bench, 'a', 500, () => {
      cache.pass(asks('big'), says('small'), asks('one'));
      const big = says('y'.repeat(9000)).bytes;
      for (let at = 0; at < big.length; at += 1000) cache.pass({ side: 'server', bytes: big.subarray(at, at + 1000) });
      for (let index = 0; index < 20; index++) cache.pass(asks(`key-${index}`), says('x'.repeat(50)));
    });
    const [part] = failures(bench);
    const transaction = part && assemble(part.transaction, [part]);
    expect(transaction?.holes.map(({ what }) => what).join()).toMatch(/were not kept \(budget\)/);
    const stored = segmentsOf(part).filter(({ kind }) => kind === 'message');
    expect(Buffer.concat(stored.map(({ payload }) => payload)).toString('latin1')).toContain('key-19');
  });
});
