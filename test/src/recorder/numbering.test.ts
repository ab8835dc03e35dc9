// Numbers of streams have 32 bits and come again; a recorder's name and a number never mean two streams.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import { isSameRecorder } from '../../../src/domain/ids.ts';
import { Numbering } from '../../../src/recorder/numbering.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { HistoryBench } from '../../support/history.ts';
import { client, complete, handshake, query, ready, row, server } from '../../support/postgres-wire.ts';
import { Bench, RECORDER_ID, segmentsOf, traceKey } from '../../support/recorder.ts';

const LAST = 2 ** 32 - 1;
const onDatabase = { direction: 'outbound', protocol: 'postgres' } as const;
const selects = (sql: string) => [client(query(sql)), server(row('1'), complete('SELECT 1'), ready())];

/** Of the streams in these parts, in the order they are in there. */
function numbersOf(parts: readonly RecordedPart[]): readonly number[] {
  return [...new Set(parts.flatMap((part) => segmentsOf(part).map(({ stream }) => stream)))];
}

function commandsOf(parts: readonly RecordedPart[]): readonly string[] {
  const [first] = parts;
  if (first === undefined) return [];
  const { commands } = assemble(first.transaction, parts);
  return commands.map(({ command, attribution }) => `${attribution} ${command.summary}`);
}

describe('numbers given', () => {
  it('come again from 1, under the next name', () => {
    const eras: number[] = [];
    const numbering: Numbering = new Numbering({
      recorder: RECORDER_ID,
      before: LAST - 2,
      living: () => [],
      entered: () => eras.push(numbering.era),
    });
    const given = Array.from({ length: 4 }, () => ({ number: numbering.next(), recorder: numbering.recorder }));
    expect(given).toEqual([
      { number: LAST - 1, recorder: '00000000000000aa' },
      { number: LAST, recorder: '00000000000000aa' },
      { number: 1, recorder: '00010000000000aa' },
      { number: 2, recorder: '00010000000000aa' },
    ]);
    expect(eras).toEqual([1]);
    expect(isSameRecorder(RECORDER_ID, numbering.recorder)).toBe(true);
  });

  it('under a name are of one stream each, and so are those of two eras, however long streams live', () => {
    const lives = fc.array(fc.nat({ max: 300 }), { minLength: 300, maxLength: 900 });
    fc.assert(
      fc.property(lives, fc.nat({ max: 255 }), (lengths, before) => {
        const alive = new Map<number, { readonly stream: number; readonly until: number }>();
        const living = () => alive.keys();
        const named = new Map<string, number>();
        const wrong: string[] = [];
        // What a history that forgets as it is told to may still have.
        let [former, current] = [new Map<number, number>(), new Map<number, number>()];
        const entered = () => ([former, current] = [current, new Map()]);
        const numbering = new Numbering({ recorder: RECORDER_ID, before, eraNumbers: 64, living, entered });
        lengths.forEach((length, stream) => {
          for (const [number, { until }] of alive) if (until <= stream) alive.delete(number);
          const number = numbering.next();
          if (number <= 0 || number >= 4 * 64 || alive.has(number)) wrong.push(`${number} given`);
          // Few live for long: a table of all that live is far smaller than an era.
          alive.set(number, { stream, until: stream + (stream % 17 === 0 ? length : length % 8) + 1 });
          for (const [known, one] of alive) {
            const name = `${numbering.recorder}.${known}`;
            if ((named.get(name) ?? one.stream) !== one.stream) wrong.push(`${name} twice`);
            named.set(name, one.stream);
            if ((former.get(known) ?? one.stream) !== one.stream) wrong.push(`${known} in history`);
            current.set(known, one.stream);
          }
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a recorder whose numbers come again', () => {
  it('goes on with a connection and exchanges that are open then: nothing is cut, nobody else is owner', () => {
    const bench = new Bench({ numbersBefore: LAST - 3 });
    const database = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    const before = bench.call('carts').request('/before', { trace: 'a1' });
    database.pass(...selects('select 1'));
    bench.clock.advance(5);
    before.respond(500);
    bench.settle();
    const across = bench.call('carts').request('/across', { trace: 'a2' });
    database.pass(...selects('select 2'));
    const first = bench.takeParts().filter(({ purpose }) => purpose === 'failure');

    bench.exchange('users', '/elsewhere', 200, { trace: 'b1' });
    database.pass(...selects('select 3'));
    bench.clock.advance(5);
    across.respond(500);
    bench.settle();
    const second = bench.takeParts().filter(({ purpose }) => purpose === 'failure');
    const after = bench.call('carts').request('/after', { trace: 'a3' });
    database.pass(...selects('select 4'));
    bench.clock.advance(5);
    after.respond(500);
    bench.settle();
    const third = bench.takeParts().filter(({ purpose }) => purpose === 'failure');

    expect([first, second, third].map(numbersOf)).toEqual([
      [LAST - 2, LAST - 1],
      [LAST - 2, LAST],
      [LAST - 2, 2],
    ]);
    expect([first, second, third].map((parts) => parts.map(({ recorder }) => recorder))).toEqual([
      ['00000000000000aa'],
      ['00010000000000aa'],
      ['00010000000000aa'],
    ]);
    expect([first, second, third].map(commandsOf)).toEqual([
      ['exclusive select 1'],
      ['exclusive select 2', 'exclusive select 3'],
      ['exclusive select 4'],
    ]);
    expect(bench.recorder.stats().fates.shed.segments).toBe(0);
  });

  it('keeps its name in a transaction that goes out in pieces', () => {
    const bench = new Bench({ numbersBefore: LAST - 1 });
    bench.exchange('carts', '/one', 500, { trace: 'a1' });
    bench.settle();
    bench.exchange('orders', '/two', 500, { trace: 'a1' });
    bench.settle();
    bench.exchange('carts', '/other', 500, { trace: 'a2' });
    bench.settle();
    expect(bench.takeParts().map((part) => [part.recorder, ...numbersOf([part])])).toEqual([
      ['00000000000000aa', LAST],
      ['00000000000000aa', 1],
      ['00010000000000aa', 2],
    ]);
  });

  it('names what shows no key after its stream, by the name it has then', () => {
    const bench = new Bench({ numbersBefore: LAST - 1 });
    bench.exchange('carts', '/one', 500);
    bench.exchange('carts', '/two', 500);
    bench.settle();
    expect(bench.takeParts().map(({ transaction }) => transaction)).toEqual([
      `request:00000000000000aa.${LAST}`,
      'request:00010000000000aa.1',
    ]);
  });
});

describe('the history behind it', () => {
  it('gives what came before under the same name as what memory has', async () => {
    const { bench, ...made } = await start(LAST - 2);
    const database = bench
      .call('carts', onDatabase)
      .connect()
      .pass(...handshake);
    bench.exchange('carts', '/old', 200, { trace: 'a1' });
    made.age(100_000);
    database.pass(...selects('select 1'));
    bench.exchange('carts', '/new', 500, { trace: 'a1' });
    const parts = await made.failures();
    expect(new Set(parts.map(({ recorder }) => recorder))).toEqual(new Set(['00010000000000aa']));
    const { exchanges, holes } = assemble(traceKey('a1'), parts);
    expect({ holes, exchanges: exchanges.length }).toEqual({ holes: [], exchanges: 2 });
  });

  it('forgets what is two eras old, and says so', async () => {
    const { bench, history, ...made } = await start(0);
    bench.exchange('carts', '/old', 200, { trace: 'a1' });
    bench.settle();
    made.age(3_000_000);
    await made.written(1);
    const before = history.stats().blocks.held;
    history.hear({ kind: 'era' });
    expect(history.stats().blocks.held).toBe(before);
    history.hear({ kind: 'era' });
    expect(history.stats().blocks.held).toBe(1);
    bench.exchange('carts', '/new', 500, { trace: 'a1' });
    const numbers = numbersOf(await made.failures());
    expect(numbers).toHaveLength(1);
    expect(numbers).not.toContain(1);
  });
});

async function start(numbersBefore: number) {
  const made = await HistoryBench.start({ limits: { numbersBefore } });
  return {
    bench: made.bench,
    history: made.history,
    age: (bytes: number) => made.age(bytes),
    failures: () => made.failures(),
    written: (blocks: number) => made.written(blocks),
  };
}
