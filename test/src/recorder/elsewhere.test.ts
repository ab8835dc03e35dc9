import { describe, expect, it } from 'vitest';
import type { RecorderId } from '../../../src/domain/ids.ts';
import { parseTransactionKey } from '../../../src/domain/ids.ts';
import { Telling } from '../../../src/ingest/telling.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { Bench, OTHER_RECORDER_ID, RECORDER_ID, segmentsOf, traceKey } from '../../support/recorder.ts';

/** Two recorders beside each other, and who tells one what the keeper made of the other's parts. */
class Pair {
  readonly one: Bench;
  readonly other: Bench;
  readonly telling: Telling;

  constructor() {
    this.one = new Bench({ tellOthers: (ids) => this.telling.ambiguous(ids, RECORDER_ID) });
    const beside = { tellOthers: (ids: readonly string[]) => this.#doubted(ids, OTHER_RECORDER_ID) };
    this.other = new Bench(beside, undefined, this.one);
    this.telling = new Telling(() => [
      { recorder: RECORDER_ID, elsewhere: (order) => this.one.recorder.elsewhere(order) },
      { recorder: OTHER_RECORDER_ID, elsewhere: (order) => this.other.recorder.elsewhere(order) },
    ]);
  }

  #doubted(ids: readonly string[], from: RecorderId): void {
    this.telling.ambiguous(
      ids.flatMap((id) => parseTransactionKey(id) ?? []),
      from,
    );
  }

  settle(): void {
    this.one.settle();
  }

  /** The keeper has made a loop of the parts of the first recorder. */
  admit(): void {
    this.kept(this.one.takeParts());
  }

  kept(parts: readonly RecordedPart[], recorders: readonly RecorderId[] = [RECORDER_ID]): void {
    for (const { transaction, aliases } of parts)
      this.telling.kept({
        keys: [transaction, ...aliases],
        at: this.one.clock.now(),
        recorders: new Set(recorders),
      });
  }
}

describe('a transaction over two recorders', () => {
  it('is whole: what the other has tossed is handed out once a loop was made of the failed half', () => {
    const pair = new Pair();
    pair.one.exchange('orders', '/orders/7', 500, { trace: 'a1' });
    pair.other.exchange('pricing', '/price/7', 200, { trace: 'a1' });
    pair.other.exchange('pricing', '/price/8', 200, { trace: 'b2' });
    pair.settle();
    pair.other.takeParts();
    pair.admit();
    pair.settle();
    const parts = pair.other.takeParts();
    expect(parts).toMatchObject([{ purpose: 'capture', transaction: traceKey('a1'), recorder: OTHER_RECORDER_ID }]);
    expect(segmentsOf(parts[0])).toHaveLength(4);
    expect(parts[0]?.asked).toBeUndefined();
  });

  it('is told once: the answer is no news, and another key is', () => {
    const pair = new Pair();
    const told: unknown[] = [];
    const telling = new Telling(() => [
      { recorder: RECORDER_ID, elsewhere: (order) => told.push(order) },
      { recorder: OTHER_RECORDER_ID, elsewhere: (order) => told.push(order) },
    ]);
    const key = traceKey('a1');
    const request = parseTransactionKey('request:r-1') ?? key;
    const recorders = new Set([RECORDER_ID]);
    telling.kept({ keys: [key], at: 1, recorders });
    telling.kept({ keys: [key], at: 2, recorders });
    expect(told).toEqual([
      { kind: 'elsewhere', keys: [key], at: 1, has: true },
      { kind: 'elsewhere', keys: [key], at: 1, has: false },
    ]);
    telling.kept({ keys: [key, request], at: 3, recorders });
    expect(told).toHaveLength(4);
    expect(pair.other.parts).toEqual([]);
  });

  it('is found when its other half only comes after that', () => {
    const pair = new Pair();
    pair.one.exchange('orders', '/orders/7', 500, { trace: 'a1' });
    pair.settle();
    pair.admit();
    pair.other.clock.advance(20_000);
    pair.other.exchange('pricing', '/price/7', 200, { trace: 'a1' });
    pair.settle();
    expect(pair.other.takeParts()).toMatchObject([{ purpose: 'capture', transaction: traceKey('a1') }]);
  });

  it('is not waited for any longer than a ring reaches back', () => {
    const pair = new Pair();
    pair.one.exchange('orders', '/orders/7', 500, { trace: 'a1' });
    pair.settle();
    pair.admit();
    pair.other.clock.advance(61_000);
    pair.other.exchange('pricing', '/price/7', 200, { trace: 'a1' });
    pair.settle();
    expect(pair.other.takeParts().filter(({ purpose }) => purpose !== 'exemplar')).toEqual([]);
  });

  it('is handed out again when the keeper has let go of what it had of it', () => {
    const pair = new Pair();
    pair.other.exchange('pricing', '/price/7', 500, { trace: 'a1' });
    pair.settle();
    expect(pair.other.takeParts()).toHaveLength(1);
    pair.one.exchange('orders', '/orders/7', 500, { trace: 'a1' });
    pair.settle();
    pair.admit();
    pair.settle();
    expect(pair.other.takeParts()).toMatchObject([{ purpose: 'failure', transaction: traceKey('a1') }]);
  });

  it('that the brake has counted is handed out, and stays counted', () => {
    const pair = new Pair();
    pair.other.exchange('pricing', '/price/7', 500, { trace: 'f0' });
    pair.settle();
    const signature = pair.other.takeParts()[0]?.signature ?? '';
    pair.other.recorder.brake({ kind: 'brake', signature, forMs: 60_000 });
    pair.other.exchange('pricing', '/price/7', 500, { trace: 'a1' });
    pair.other.recorder.flush();
    expect(pair.other.takeParts()).toEqual([]);
    pair.one.exchange('orders', '/orders/7', 500, { trace: 'a1' });
    pair.settle();
    pair.admit();
    pair.settle();
    expect(pair.other.takeParts()).toMatchObject([{ transaction: traceKey('a1'), signature }]);
    expect(pair.other.recorder.takeBraked()).toMatchObject([{ signature, count: 1, counted: [[expect.any(Number)]] }]);
    expect(pair.other.recorder.stats()).toMatchObject({ keptTransactions: 1, brake: { counted: 1 } });
  });
});

describe('a request id', () => {
  it('joins halves that have no trace, for five minutes', () => {
    const pair = new Pair();
    pair.one.exchange('orders', '/orders/7', 500, { requestId: 'r-1' });
    pair.settle();
    pair.admit();
    pair.other.exchange('pricing', '/price/7', 200, { requestId: 'r-1' });
    pair.settle();
    expect(pair.other.takeParts()).toMatchObject([{ purpose: 'capture', transaction: 'request:r-1' }]);
  });

  it('that goes with another trace elsewhere joins nothing, and all are told', () => {
    const pair = new Pair();
    pair.one.exchange('orders', '/orders/7', 500, { trace: 'a1', requestId: 'constant' });
    pair.other.exchange('pricing', '/price/7', 200, { trace: 'b2', requestId: 'constant' });
    pair.settle();
    pair.other.takeParts();
    pair.admit();
    pair.settle();
    expect(pair.other.takeParts()).toEqual([]);
    pair.one.exchange('orders', '/orders/8', 200, { requestId: 'constant' });
    pair.one.exchange('orders', '/orders/9', 500, { trace: 'c3', requestId: 'constant' });
    pair.settle();
    expect(pair.one.takeParts().filter(({ purpose }) => purpose === 'failure')).toMatchObject([
      { transaction: traceKey('c3'), aliases: [] },
    ]);
  });

  it('that was wanted and is found to join nothing is wanted no more', () => {
    const bench = new Bench({ tellOthers: () => undefined });
    const id = parseTransactionKey('request:constant');
    if (id === undefined) throw new Error('It is a key.');
    const order = { keys: [id], at: bench.clock.now(), has: false };
    bench.recorder.elsewhere({ kind: 'elsewhere', ...order });
    bench.recorder.elsewhere({ kind: 'ambiguous', ids: [id] });
    bench.exchange('pricing', '/price/7', 200, { requestId: 'constant' });
    bench.settle();
    expect(bench.takeParts().filter(({ purpose }) => purpose === 'capture')).toEqual([]);
  });
});
