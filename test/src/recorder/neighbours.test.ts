import { describe, expect, it } from 'vitest';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import type { RecorderLimits } from '../../../src/recorder/options.ts';
import { readRecords } from '../../../src/wire/segments/record.ts';
import { Bench } from '../../support/recorder.ts';

const namesOf = (part: RecordedPart | undefined) =>
  (part?.around?.neighbours ?? []).map(({ transaction }) => transaction).toSorted();
const streamsOf = (part: RecordedPart | undefined) =>
  (part?.around?.neighbours ?? []).map(({ records }) => [
    ...new Set(readRecords(records).segments.map(({ stream }) => stream)),
  ]);
const failures = (bench: Bench) => bench.takeParts().filter(({ purpose }) => purpose === 'failure');

/** orders takes requests in and calls stock for them, each call under a request id of its own. */
class Orders {
  readonly bench: Bench;

  constructor(limits: Partial<RecorderLimits> = {}) {
    this.bench = new Bench(limits);
  }

  inbound(requestId: string) {
    return this.bench.call('orders').request('/orders', { requestId });
  }

  call(requestId: string, status = 200) {
    this.bench.clock.advance(5);
    return this.bench.exchange('orders', '/stock/7', status, { direction: 'outbound', requestId, authority: 'stock' });
  }

  wait(ms: number): void {
    this.bench.clock.advance(ms);
  }
}

describe('a failed transaction', () => {
  it('takes calls without context along that were made while it was served, with what they led to', () => {
    const orders = new Orders();
    const request = orders.inbound('r-1');
    orders.call('r-2');
    orders.bench.exchange('stock', '/stock/7', 200, { requestId: 'r-2' });
    orders.wait(5);
    request.respond(500);
    orders.bench.settle();
    const [part] = failures(orders.bench);
    expect(namesOf(part)).toEqual(['request:r-2']);
    expect(streamsOf(part)).toEqual([[2, 3]]);
    expect(part?.around).toMatchObject({ leftOut: 0, services: { orders: { carried: 0 } } });
  });

  it('that is such a call itself takes those along that were served then, and waits for their answers', () => {
    const orders = new Orders();
    const [first, second] = [orders.inbound('r-1'), orders.inbound('r-2')];
    orders.call('r-3', 503);
    orders.bench.settle();
    expect(failures(orders.bench)).toEqual([]);
    first.respond(502);
    second.respond(200);
    orders.wait(300);
    const parts = failures(orders.bench);
    const part = parts.find(({ transaction }) => transaction === 'request:r-3');
    expect(namesOf(part)).toEqual(['request:r-1', 'request:r-2']);
  });

  it('waits no longer than any transaction may stay open', () => {
    const orders = new Orders({ maxOpenMs: 3_000 });
    orders.inbound('r-1');
    orders.call('r-3', 503);
    orders.wait(2_900);
    expect(failures(orders.bench)).toEqual([]);
    orders.wait(400);
    expect(failures(orders.bench).map(({ transaction }) => transaction)).toEqual(['request:r-3']);
  });

  it('takes its callers along whole when there is no later', () => {
    const orders = new Orders();
    orders.bench
      .call('gateway', { direction: 'outbound' })
      .request('/orders', { requestId: 'r-1', authority: 'orders' });
    orders.inbound('r-1');
    orders.call('r-3', 503);
    orders.bench.recorder.flush();
    const [part] = failures(orders.bench);
    expect(streamsOf(part)).toEqual([[1, 2]]);
  });

  it('has no neighbours where context is passed on', () => {
    const orders = new Orders();
    const request = orders.inbound('r-1');
    orders.call('r-1');
    request.respond(500);
    orders.bench.settle();
    expect(failures(orders.bench)[0]?.around).toBeUndefined();
  });

  it('takes nothing of other instances or other times', () => {
    const orders = new Orders();
    orders.call('r-0');
    orders.wait(3_000);
    const request = orders.inbound('r-1');
    orders.bench.exchange('orders', '/x', 200, { direction: 'outbound', instance: 'orders-2', requestId: 'r-9' });
    orders.wait(5);
    request.respond(500);
    orders.wait(1_000);
    orders.call('r-8');
    orders.bench.settle();
    expect(failures(orders.bench)[0]?.around).toBeUndefined();
  });
});

describe('room', () => {
  it('for neighbours is bounded in number and in bytes, and what finds none is counted', () => {
    for (const limits of [{ neighbourCount: 3 }, { neighbourBytes: 1_500 }, { neighbourBytesPerSecond: 1_500 }]) {
      const orders = new Orders(limits);
      const request = orders.inbound('r-1');
      for (let index = 0; index < 10; index++) orders.call(`c-${index}`);
      request.respond(500);
      orders.bench.settle();
      const { neighbours = [], leftOut = 0 } = failures(orders.bench)[0]?.around ?? {};
      expect(neighbours.length + leftOut).toBe(10);
      expect(leftOut).toBeGreaterThan(4);
    }
  });

  it('is enough for a neighbour of many megabytes: its beginning and its end come', () => {
    const orders = new Orders({ ringBytes: 8 * 1024 * 1024 });
    const request = orders.inbound('r-1');
    const upload = orders.bench
      .call('orders', { direction: 'outbound' })
      .request('/uploads', { requestId: 'r-2', method: 'PUT', authority: 'files', end: false });
    for (let index = 0; index < 64; index++) upload.requestBody('x'.repeat(65_000), index === 63);
    upload.respond(201);
    orders.wait(5);
    request.respond(500);
    orders.bench.settle();
    const { neighbours = [], leftOut } = failures(orders.bench)[0]?.around ?? {};
    expect(leftOut).toBe(0);
    const [copy] = neighbours.map(({ records }) => records);
    const sequences = readRecords(copy ?? new Uint8Array()).segments.map(({ sequence }) => sequence);
    expect(sequences.slice(0, 2)).toEqual([0, 1]);
    expect(sequences).toContain(66);
    expect(copy?.length).toBeLessThan(512 * 1024);
  });
});

it('of many neighbours of many megabytes, each is shown less of', () => {
  const orders = new Orders({ ringBytes: 64 * 1024 * 1024 });
  const request = orders.inbound('r-1');
  for (let upload = 0; upload < 40; upload++) {
    const put = orders.bench
      .call('orders', { direction: 'outbound' })
      .request('/uploads', { requestId: `u-${upload}`, method: 'PUT', authority: 'files', end: false });
    for (let index = 0; index < 16; index++) put.requestBody('x'.repeat(65_000), index === 15);
    put.respond(201);
  }
  orders.wait(5);
  request.respond(500);
  orders.bench.settle();
  const { neighbours = [], leftOut } = failures(orders.bench)[0]?.around ?? {};
  expect([neighbours.length, leftOut]).toEqual([40, 0]);
});

describe('what is known of a service', () => {
  function after(traffic: (orders: Orders) => void): RecordedPart | undefined {
    const orders = new Orders();
    traffic(orders);
    orders.wait(5_000);
    orders.bench.takeParts();
    const request = orders.inbound('last');
    orders.call('last-call');
    request.respond(500);
    orders.bench.settle();
    return failures(orders.bench)[0];
  }

  it('is how often it lost context, and how often it passed it on', () => {
    const part = after((orders) => {
      for (let index = 0; index < 5; index++) {
        const request = orders.inbound(`r-${index}`);
        orders.call(index < 2 ? `r-${index}` : `c-${index}`);
        request.respond(200);
      }
    });
    expect(part?.around?.services).toEqual({ orders: { carried: 2, dropped: 4 } });
    expect(part?.around).toMatchObject({ gapless: true, lonely: [] });
  });

  it('is which calls it makes by itself', () => {
    const part = after((orders) => {
      orders.call('first');
      orders.wait(5_000);
      for (let index = 0; index < 4; index++) orders.call(`own-${index}`);
    });
    expect(part?.around?.lonely).toHaveLength(1);
  });

  it('is nothing by those before the first was heard: a sleep may have hidden who was served', () => {
    const part = after((orders) => {
      for (let index = 0; index < 4; index++) orders.call(`own-${index}`);
    });
    expect(part?.around?.lonely).toEqual([]);
  });

  it('says when something was missed just before', () => {
    const orders = new Orders({ indexBytes: 6_000 });
    const request = orders.inbound('r-1');
    orders.call('c-1', 500);
    for (let index = 0; index < 4; index++) orders.bench.call('other').request('/', { requestId: `x-${index}` });
    request.respond(500);
    orders.bench.settle();
    expect(failures(orders.bench).map(({ around }) => around?.gapless)).not.toContain(true);
  });
});
