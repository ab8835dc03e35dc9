import { expect, test } from 'vitest';
import { traceContextOf } from '../../../../src/wire/tracecontext/context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = 'e457b5a2e4d86bd1';

test('decoded headers and headers nobody has decoded give the same', () => {
  const value = `00-${TRACE}-${SPAN}-01`;
  const context = { traceId: TRACE, spanId: SPAN };
  expect(traceContextOf([{ name: 'host', value: 'a' }, { name: 'traceparent', value }])).toEqual(context); // prettier-ignore
  expect(traceContextOf((name) => (name === 'traceparent' ? value : undefined))).toEqual(context);
});

test.each([
  ['no headers', []],
  ['only a sampling decision', [{ name: 'b3', value: '0' }]],
  ['a trace id without a span', [{ name: 'x-b3-traceid', value: TRACE }]],
])('%s: none', (_name, headers) => {
  expect(traceContextOf(headers)).toBeUndefined();
});
