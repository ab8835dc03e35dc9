import { expect, it } from 'vitest';
import type { Comparison } from '../../../src/api/contract/results.ts';
import { compareLoops } from '../../../src/comparison/compare.ts';
import { LIMITS } from '../../../src/comparison/limits.ts';
import type { CommandView, ExchangeView, MessageView } from '../../../src/seal/view-schema.ts';
import { commandView, exchangeView, loopView, messageView } from '../../support/loop-view.ts';
import { loopSummary, T0 } from '../../support/transaction.ts';

function compared(
  left: readonly ExchangeView[],
  right: readonly ExchangeView[],
  commands: readonly [readonly CommandView[], readonly CommandView[]] = [[], []],
): Comparison {
  return compareLoops(
    { summary: loopSummary(0), view: loopView(left, commands[0]) },
    { summary: loopSummary(0), view: loopView(right, commands[1]) },
  );
}

/** `path: left | right (kind)` of the only pair. */
function differences(left: Partial<ExchangeView>, right: Partial<ExchangeView>): readonly string[] {
  const { pairs } = compared([exchangeView('a', left)], [exchangeView('b', right)]);
  expect(pairs).toHaveLength(1);
  return lines(pairs[0]);
}

function lines(pair: Comparison['pairs'][number] | undefined): readonly string[] {
  return (pair?.differences ?? []).map(({ path, left, right, kind }) => `${path}: ${left} | ${right} (${kind})`);
}

const answers = (left: string, right: string, type?: string) =>
  differences({ response: messageView(left, {}, type) }, { response: messageView(right, {}, type) });

const outbound = (id: string, path: string, more: Partial<ExchangeView> = {}): ExchangeView =>
  exchangeView(id, {
    vantage: { service: 'shop', instance: 'shop-1', direction: 'outbound' },
    peer: { name: 'pricing' },
    path,
    ...more,
  });

const told = ({ pairs }: Comparison) => pairs.map(({ hop, left, right, verdict }) => [hop, left, right, verdict]);

it('says that a loop is the same as itself', () => {
  const whole = [exchangeView('a', { response: messageView('{"total":7}') }), outbound('b', '/prices/1')];
  const same = compared(whole, whole, [[commandView('c', 'a')], [commandView('c', 'a')]]);
  expect(same.pairs.map(({ verdict, differences: found }) => [verdict, found])).toEqual([
    ['same', []],
    ['same', []],
    ['same', []],
  ]);
  expect(same.notes).toEqual([]);
});

it('tells what differs of an answer by the path in its JSON, and how the exchange ended', () => {
  const good = { status: 200, response: messageView('{"items":[{"id":1,"price":10},{"id":2,"price":5}],"a b":null}') };
  const bad = {
    status: 500,
    flags: ['UF'],
    details: 'upstream_reset',
    attemptCount: 2,
    vantage: { service: 'shop', instance: 'shop-9', version: '1.1.0', direction: 'inbound' as const },
    response: messageView('{"items":[{"id":1,"price":-10},{"id":2}],"a b":"x"}'),
  };
  expect(differences(good, bad)).toEqual([
    'version: 1.0.0 | 1.1.0 (value)',
    'status: 200 | 500 (value)',
    'flags: undefined | UF (missing-left)',
    'details: undefined | upstream_reset (missing-left)',
    'attempts: undefined | 2 (missing-left)',
    'response.body.$.items[0].price: 10 | -10 (value)',
    'response.body.$.items[1].price: 5 | undefined (missing-right)',
    'response.body.$["a b"]: null | "x" (value)',
  ]);
});

it('calls what is made anew each time noise, by its shape or its name, and the pair the same', () => {
  const request = (id: string, trace: string, at: string): MessageView =>
    messageView(`{"order":"${id}","at":"${at}","n":${Date.parse(at)}}`, {
      headers: [
        { name: 'x-request-id', value: id },
        { name: 'traceparent', value: `00-${trace}-00f067aa0ba902b7-01` },
        { name: 'date', value: at },
        { name: 'idempotency-key', value: `key.${id.slice(0, 8)}` },
      ],
    });
  const [left, right] = [
    request('6f1a4c1e-3d52-4a0e-9f5b-0d8f5f0a1b2c', '4bf92f3577b34da6a3ce929d0e0e4736', '2026-01-02T03:04:05Z'),
    request('0b1a4c1e-3d52-4a0e-9f5b-0d8f5f0a1b2c', '5bf92f3577b34da6a3ce929d0e0e4736', '2026-01-02T03:04:09Z'),
  ];
  const { pairs } = compared([exchangeView('a', { request: left })], [exchangeView('b', { request: right })]);
  expect(pairs[0]?.verdict).toBe('same');
  expect(pairs[0]?.differences.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
    'request.headers.x-request-id noise',
    'request.headers.traceparent noise',
    'request.headers.date noise',
    'request.headers.idempotency-key noise',
    'request.body.$.order noise',
    'request.body.$.at noise',
    'request.body.$.n noise',
  ]);
});

it('does not take a time that is data for noise', () => {
  expect(answers('{"born":"1980-01-02T00:00:00Z"}', '{"born":"1990-01-02T00:00:00Z"}')).toEqual([
    'response.body.$.born: 1980-01-02T00:00:00Z | 1990-01-02T00:00:00Z (value)',
  ]);
});

it('tells two ids of nineteen digits apart that no double does', () => {
  expect(answers('{"id":1850000000000000001}', '{"id":1850000000000000002}')).toEqual([
    'response.body.$.id: 1850000000000000001 | 1850000000000000002 (value)',
  ]);
});

it('says that nobody can tell what redaction took out of both, but sees another kind of value', () => {
  const token = (kind: string, hash: string) => `{"who":"REDACTED(${kind}.${hash}.16)"}`;
  expect(answers(token('secret', 'aaaaaaaaaaaa'), token('secret', 'bbbbbbbbbbbb'))).toEqual([
    expect.stringMatching(/^response\.body\.\$\.who: .* \(hidden\)$/),
  ]);
  expect(answers(token('secret', 'aaaaaaaaaaaa'), token('card', 'bbbbbbbbbbbb'))).toEqual([
    expect.stringMatching(/\(value\)$/),
  ]);
  expect(answers('{"m":"x7f3a9c01d2e4@redacted.invalid"}', '{"m":"x000000000000@redacted.invalid"}')).toEqual([
    expect.stringMatching(/\(hidden\)$/),
  ]);
});

it('names the element that was taken out of a list, not all behind it', () => {
  expect(answers('[{"n":"a"},{"n":"b"},{"n":"c"}]', '[{"n":"a"},{"n":"c"}]')).toEqual([
    'response.body.$[1]: {"n":"b"} | undefined (missing-right)',
  ]);
});

it('compares text by line, forms and queries by field, messages of a stream one by one', () => {
  expect(answers('one\ntwo\nthree', 'one\nthree\nfour', 'text/plain')).toEqual([
    'response.body.line 2: two | undefined (missing-right)',
    'response.body.line 3: undefined | four (missing-left)',
  ]);
  expect(answers('a=1&tag=x&tag=y', 'a=1&tag=x&tag=z&b=2', 'application/x-www-form-urlencoded')).toEqual([
    'response.body.tag[1]: y | z (value)',
    'response.body.b: undefined | 2 (missing-left)',
  ]);
  expect(differences({ path: '/?page=1&q=x' }, { path: '/?page=2&q=x' })).toEqual([
    'request.query.page: 1 | 2 (value)',
  ]);
  expect(answers('{"n":1}\n{"n":2}', '{"n":1}\n{"n":3}', 'application/grpc')).toEqual([
    'response.body.message 2.$.n: 2 | 3 (value)',
  ]);
  expect(answers('{"n":1}', '{"n":2}', 'application/grpc')).toEqual(['response.body.$.n: 1 | 2 (value)']);
});

it('does not take a page apart that came where JSON was', () => {
  expect(answers('{"a":1}', '<html>\n<p>no', 'application/json')).toEqual([
    'response.body: {"a":1} | <html>\n<p>no (value)',
  ]);
});

it('compares the size of what a view does not show, and says so', () => {
  const omitted = (bytes: number): MessageView =>
    messageView('', { body: { kind: 'omitted', bytes, contentType: 'image/png', why: 'binary' } });
  const result = compared(
    [exchangeView('a', { response: omitted(10) })],
    [exchangeView('b', { response: omitted(12) })],
  );
  expect(lines(result.pairs[0])).toEqual(['response.body.bytes: 10 | 12 (value)']);
  expect(result.notes).toEqual(['1 bodies are not shown by their view: only their sizes were compared.']);
});

it('tells only what took much longer', () => {
  expect(differences({ endedAt: T0 + 10 }, { endedAt: T0 + 90 })).toEqual([]);
  expect(differences({ endedAt: T0 + 10 }, { endedAt: T0 + 2010 })).toEqual(['durationMs: 10 | 2010 (value)']);
});

it('pairs by hop: the same address first, then by order, and says what only one of them has', () => {
  const left = [outbound('l1', '/prices/1'), outbound('l2', '/prices/2'), outbound('l3', '/prices/3')];
  const right = [outbound('r2', '/prices/2'), outbound('r9', '/prices/9'), outbound('r4', '/discounts')];
  expect(told(compared(left, right))).toEqual([
    ['shop → pricing: GET /prices/*', 'l1', 'r9', 'differs'],
    ['shop → pricing: GET /prices/*', 'l2', 'r2', 'same'],
    ['shop → pricing: GET /prices/*', 'l3', undefined, 'only-left'],
    ['shop → pricing: GET /discounts', undefined, 'r4', 'only-right'],
  ]);
});

it('does not pair what went the other way, or to another peer', () => {
  const left = [outbound('l', '/x')];
  const right = [outbound('r', '/x', { peer: { name: 'cart' } }), exchangeView('i', { path: '/x' })];
  expect(compared(left, right).pairs.map(({ verdict }) => verdict)).toEqual(['only-left', 'only-right', 'only-right']);
});

it('pairs commands by statement and the exchange they were made for, and compares what they asked and got', () => {
  const insert = (id: string, of: string, total: string, more: Partial<CommandView> = {}) =>
    commandView(id, of, { summary: 'INSERT INTO orders VALUES ($1)', parameters: [total], ...more });
  const error = { code: '23505', message: 'duplicate key' };
  const result = compared(
    [exchangeView('a'), exchangeView('b', { path: '/other' })],
    [exchangeView('x'), exchangeView('y', { path: '/other' })],
    [
      [insert('1', 'b', '7'), commandView('2', 'a', { summary: "SELECT * FROM t WHERE id = 17 AND n = 'x'" })],
      [
        commandView('4', 'x', { summary: "SELECT * FROM t WHERE id = 18 AND n = 'y'", rows: 0 }),
        insert('5', 'x', '7'),
        insert('6', 'y', '8', { error }),
      ],
    ],
  );
  expect(told(result).filter(([hop]) => String(hop).includes('database'))).toEqual([
    ['shop → database: INSERT INTO orders VALUES ($1)', '1', '6', 'differs'],
    ["shop → database: SELECT * FROM t WHERE id = 17 AND n = 'x'", '2', '4', 'differs'],
    ['shop → database: INSERT INTO orders VALUES ($1)', undefined, '5', 'only-right'],
  ]);
  expect(lines(result.pairs.find(({ left }) => left === '1'))).toEqual([
    'parameters[1]: 7 | 8 (value)',
    'error.code: undefined | 23505 (missing-left)',
    'error.message: undefined | duplicate key (missing-left)',
  ]);
});

it('orders by when things began in their own loop', () => {
  const later = loopView([exchangeView('x', { startedAt: T0 + 9000 }), outbound('y', '/p', { startedAt: T0 + 9005 })]);
  const left = loopView([exchangeView('a'), outbound('b', '/q', { startedAt: T0 + 7 })]);
  const result = compareLoops(
    { summary: loopSummary(0), view: left },
    { summary: loopSummary(0, { startedAt: T0 + 9000 }), view: later },
  );
  expect(result.pairs.map(({ hop }) => hop)).toEqual([
    '→ shop: GET /',
    'shop → pricing: GET /p',
    'shop → pricing: GET /q',
  ]);
});

it('lists no more differences than it may, and counts the rest', () => {
  const many = (value: string) =>
    messageView(JSON.stringify(Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`k${at}`, value]))));
  const result = compared(
    Array.from({ length: 30 }, (_, at) => exchangeView(`l${at}`, { response: many('left') })),
    Array.from({ length: 30 }, (_, at) => exchangeView(`r${at}`, { response: many('right') })),
  );
  expect(result.pairs[0]?.differences).toHaveLength(LIMITS.differencesOfPair);
  expect(result.pairs[0]?.more).toBe(50);
  expect(result.pairs.flatMap(({ differences: found }) => found)).toHaveLength(LIMITS.differences);
  expect(result.pairs.at(-1)).toMatchObject({ verdict: 'differs', differences: [], more: 150 });
});
