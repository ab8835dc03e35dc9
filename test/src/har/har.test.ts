import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harOf } from '../../../src/har/har.ts';
import { VIEW_VERSION, parseLoopView, type LoopView } from '../../../src/seal/view-schema.ts';
import { HAR } from '../../support/har-schema.ts';
import { recordingOf, type RecordingOf } from '../../support/recording.ts';
import { T0 } from '../../support/transaction.ts';

function viewOf(recording: RecordingOf): LoopView {
  const view = parseLoopView(recordingOf(recording).view);
  if (view === undefined) throw new Error('the recording has no view');
  return view;
}

/** As a reader of the file has it, and checked. */
function archive(view: LoopView) {
  const har = harOf(view, '0.1.0');
  const text = JSON.stringify(har);
  const checked = HAR.safeParse(JSON.parse(text));
  expect(checked.error?.issues ?? []).toEqual([]);
  return { log: har.log, text };
}

const ORDER: RecordingOf = {
  service: 'orders',
  trigger: {
    method: 'POST',
    path: '/orders?coupon=SPRING10&token=t0ken-0815',
    headers: { authorization: 'Bearer s3cr3t-0815', cookie: 'session=c00kie-0815; theme=dark' },
    body: '{"cart":7,"password":"hunter2-0815"}',
    answer: {
      status: 502,
      headers: { 'content-type': 'application/json', 'set-cookie': 'session=c00kie-0816; Path=/; HttpOnly' },
      body: '{"error":"pricing"}',
    },
  },
  calls: [
    { path: '/coupons/SPRING10', authority: 'promotions.shop', answer: { status: 200, body: '{"percent":10}' } },
    { method: 'POST', path: '/quotes', authority: 'pricing.shop:8080', body: '{}', answer: { status: 500 } },
    { path: '/slow', authority: 'stock.shop', answer: 'none' },
  ],
};

describe('a loop as HAR', () => {
  it('has every exchange, the entry first, then by time', () => {
    const { log } = archive(viewOf(ORDER));
    expect(log.version).toBe('1.2');
    expect(log.creator).toMatchObject({ name: 'Loop', version: '0.1.0' });
    expect(log.entries.map(({ request, response }) => `${request.method} ${request.url} ${response.status}`)).toEqual([
      expect.stringMatching(/^POST http:\/\/shop\/orders\?coupon=SPRING10&token=REDACTED\(.+\) 502$/),
      'GET http://promotions.shop/coupons/SPRING10 200',
      'POST http://pricing.shop:8080/quotes 500',
      'GET http://stock.shop/slow 0',
    ]);
    const skewed = viewOf(ORDER);
    const [entry, ...calls] = skewed.exchanges;
    if (entry === undefined) throw new Error('there is no entry');
    const late = { ...skewed, exchanges: [...calls, { ...entry, startedAt: T0 + 3_600_000 }] };
    expect(archive(late).log.entries[0]?.request.method).toBe('POST');
    expect(archive(late).log.entries[0]?._loop.exchange).toBe(entry.id);
  });

  it('says who saw it, and its part in the failure', () => {
    const [entry, coupon, quote, slow] = archive(viewOf(ORDER)).log.entries;
    expect(entry?._loop).toMatchObject({ service: 'orders', instance: 'orders-1', direction: 'inbound', attempt: 1 });
    expect(coupon?._loop).toMatchObject({
      direction: 'outbound',
      peer: { name: 'promotions.shop' },
      parent: entry?._loop.exchange,
    });
    expect(coupon?._loop.role).toBeUndefined();
    expect(quote).toMatchObject({
      _loop: { role: expect.stringMatching(/origin|victim/), failure: '500 Internal Server Error' },
      comment: expect.stringContaining('500 Internal Server Error'),
    });
    expect(slow).toMatchObject({
      response: { status: 0, comment: 'there was no answer', bodySize: -1 },
      timings: { receive: -1 },
      _loop: { complete: { request: true, response: false } },
    });
  });

  it('holds no secret of headers, cookies, query or bodies', () => {
    const { text, log } = archive(viewOf(ORDER));
    expect(text).not.toMatch(/t0ken-0815|s3cr3t-0815|c00kie-081|hunter2-0815/);
    const [entry] = log.entries;
    expect(entry?.request.queryString).toEqual([
      { name: 'coupon', value: 'SPRING10' },
      { name: 'token', value: expect.stringMatching(/^REDACTED\(/) },
    ]);
    expect(entry?.request.cookies.map(({ name }) => name)).toEqual(['session', 'theme']);
    expect(entry?.response.cookies).toMatchObject([{ name: 'session', path: '/', httpOnly: true, secure: false }]);
    expect(entry?.request.postData).toMatchObject({
      mimeType: 'application/json',
      text: expect.stringMatching(/^\{"cart":7,"password":"REDACTED\(.+\)"\}$/),
    });
    expect(entry?.response.content).toEqual({ size: 19, mimeType: 'application/json', text: '{"error":"pricing"}' });
  });

  it('names what is missing', () => {
    const view = viewOf(ORDER);
    const id = view.exchanges[0]?.id ?? '';
    const holes = [
      { where: id, what: '12 bytes of the request were not kept (budget)' },
      { where: 'transaction', what: '1 parts were written by a newer version' },
    ];
    const { log } = archive({ ...view, holes });
    expect(log.comment).toBe(`Loop ${view.id}, failed; missing: ${holes[0]?.what}; missing: ${holes[1]?.what}`);
    expect(log._loop.holes).toEqual(holes.map(({ what }) => what));
    expect(log.entries[0]?.comment).toContain('missing: 12 bytes');
  });

  it('of gRPC has status and messages, de-framed', () => {
    const message = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x07]);
    const grpc = { 'content-type': 'application/grpc' };
    const { log } = archive(
      viewOf({
        service: 'pricing',
        trigger: {
          method: 'POST',
          path: '/shop.Pricing/Quote',
          protocol: 'HTTP/2',
          headers: { ...grpc, te: 'trailers' },
          body: message,
          answer: {
            status: 200,
            headers: grpc,
            body: message,
            trailers: { 'grpc-status': '13', 'grpc-message': 'no%20price' },
          },
        },
      }),
    );
    expect(log.entries[0]).toMatchObject({
      request: { httpVersion: 'HTTP/2', bodySize: 7 },
      response: { content: { text: '{"1":"7"}', comment: expect.stringContaining('gRPC messages') } },
      _loop: {
        grpc: {
          status: 13,
          statusName: 'INTERNAL',
          message: 'no price',
          request: [{ 1: '7' }],
          response: [{ 1: '7' }],
        },
        trailers: { response: [{ name: 'grpc-status', value: '13' }, { name: 'grpc-message' }] },
      },
    });
  });

  it('counts what it has no place for', () => {
    const view = viewOf(ORDER);
    const command = {
      id: 'c/1',
      exchange: view.exchanges[0]?.id ?? '',
      attribution: 'exclusive' as const,
      conversation: 'c',
      vantage: { service: 'orders', instance: 'orders-1', direction: 'outbound' as const },
      peer: { name: 'db' },
      protocol: 'postgres',
      summary: 'SELECT 1',
      startedAt: T0,
      endedAt: T0,
    };
    const { log } = archive({ ...view, commands: [command] });
    expect(log.comment).toContain('1 commands of databases are not in an HTTP archive');
    expect(log._loop.commands).toBe(1);
  });

  it('has the tries of a call that was retried', () => {
    const view = viewOf(ORDER);
    const attempts = [{ id: 'a.1', number: 1, status: 503, startedAt: T0, endedAt: T0 + 2 }];
    const exchanges = view.exchanges.map((exchange) => ({ ...exchange, attemptCount: 2, attempts }));
    expect(archive({ ...view, exchanges }).log.entries[0]?._loop).toMatchObject({ attempt: 2, attempts });
  });

  it('is written whatever was recorded', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '*', '//', 'http://[::1', '/\u0000', '/%zz'),
    );
    fc.assert(
      fc.property(odd, odd, odd, fc.double({ noNaN: true }), (path, authority, value, at) => {
        const view = viewOf({ ...ORDER, calls: [] });
        const exchanges = view.exchanges.map((exchange) => ({
          ...exchange,
          path,
          protocol: value,
          startedAt: at,
          peer: { name: authority, address: value },
          ...(exchange.request && {
            request: {
              ...exchange.request,
              headers: [
                { name: ':authority', value: authority },
                { name: 'cookie', value },
                { name: 'set-cookie', value },
              ],
              body: { kind: 'text' as const, bytes: 1, text: value, truncated: true },
              startedAt: -at,
            },
          }),
        }));
        expect(archive({ ...view, exchanges }).log.entries).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('of nothing is an archive of nothing', () => {
    const empty = { exchanges: [], commands: [], conversations: [], failures: [], holes: [] };
    const view = { version: VIEW_VERSION, id: 'x', transaction: 'y', outcome: 'good', ...empty } as const;
    expect(archive(view).log.entries).toEqual([]);
  });

  it('of a request that only the answer is known of', () => {
    const view = viewOf(ORDER);
    const exchanges = view.exchanges.map(({ request: _request, ...exchange }) => exchange);
    const { log } = archive({ ...view, exchanges });
    expect(log.entries[0]).toMatchObject({
      request: { headers: [], bodySize: -1, comment: expect.stringContaining('not recorded') },
      timings: { send: -1, wait: -1 },
    });
  });
});
