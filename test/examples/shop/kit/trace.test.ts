import { expect, test } from 'vitest';
import { startSpan, traceparent } from '../../../../examples/shop/kit/trace.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

test('a service goes on under a span of its own', () => {
  const span = startSpan(`00-${TRACE}-b7ad6b7169203331-00`);
  expect(span).toMatchObject({ traceId: TRACE, parentId: 'b7ad6b7169203331', flags: '00' });
  expect(traceparent(span)).toBe(`00-${TRACE}-${span.spanId}-00`);
  expect(span.spanId).not.toBe('b7ad6b7169203331');
});

test.each([
  undefined,
  '',
  `00-${TRACE}`,
  `ff-${TRACE}-b7ad6b7169203331-00`,
  `00-${TRACE.toUpperCase()}-b7ad6b7169203331-00`,
])('%s starts a trace', (header) => {
  expect(traceparent(startSpan(header))).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(startSpan(header).traceId).not.toBe(TRACE);
});
