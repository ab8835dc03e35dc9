import { describe, expect, test } from 'vitest';
import { requestIdOf, traceContextOf, transactionKeys } from '../../../../src/wire/tracecontext/identity.ts';

const W3C = '4bf92f3577b34da6a3ce929d0e0e4736';
const B3 = '80f198ee56343ba864fe8b2a57d3eff7';
const SPAN = 'e457b5a2e4d86bd1';
const traceparent = `00-${W3C}-${SPAN}-01`;
const headers = (values: Record<string, string>) => (name: string) => values[name];

describe('keys, best first', () => {
  const callTrace = { traceId: 'c'.repeat(32), spanId: SPAN };

  test.each([
    ['nothing: ambient', {}, []],
    ['a request id alone', { 'x-request-id': 'r1' }, ['request:r1']],
    ['both: they name one transaction', { traceparent, 'x-request-id': 'r1' }, [`trace:${W3C}`, 'request:r1']],
    ['W3C before B3', { b3: `${B3}-${SPAN}-1`, traceparent }, [`trace:${W3C}`]],
    ['B3 when traceparent is broken', { b3: `${B3}-${SPAN}-1`, traceparent: '00-junk' }, [`trace:${B3}`]],
    ['B3 in several headers', { b3: '0', 'x-b3-traceid': B3, 'x-b3-spanid': SPAN }, [`trace:${B3}`]],
    ['half of B3 is none', { 'x-b3-traceid': B3 }, []],
    ['a request id that cannot be a key', { 'x-request-id': 'two words' }, []],
  ])('%s', (_name, values, keys) => {
    expect(transactionKeys(headers(values))).toEqual(keys);
  });

  test('the trace of the capturing call counts when the exchange has none', () => {
    expect(transactionKeys(headers({ 'x-request-id': 'r1' }), callTrace)).toEqual([
      `trace:${callTrace.traceId}`,
      'request:r1',
    ]);
    expect(transactionKeys(headers({ traceparent }), callTrace)).toEqual([`trace:${W3C}`]);
  });
});

test.each([
  ['9f0f3a52-8f3e-4d2b-9f58-2d1a4c0e7a11', true],
  ['a'.repeat(200), true],
  ['a'.repeat(201), false],
  ['', false],
  ['caf\xe9', false],
  ['a\nb', false],
])('x-request-id %j', (value, valid) => {
  expect(requestIdOf(headers({ 'x-request-id': value }))).toBe(valid ? value : undefined);
});

test('decoded headers and headers nobody has decoded give the same', () => {
  const value = `00-${W3C}-${SPAN}-01`;
  const context = { traceId: W3C, spanId: SPAN };
  expect(
    traceContextOf([
      { name: 'host', value: 'a' },
      { name: 'traceparent', value },
    ]),
  ).toEqual(context);
  expect(traceContextOf((name) => (name === 'traceparent' ? value : undefined))).toEqual(context);
});

test.each([
  ['no headers', []],
  ['only a sampling decision', [{ name: 'b3', value: '0' }]],
  ['a trace id without a span', [{ name: 'x-b3-traceid', value: W3C }]],
])('%s: none', (_name, headers) => {
  expect(traceContextOf(headers)).toBeUndefined();
});
