import { expect, test } from 'vitest';
import { parseTraceparent } from '../../../../src/wire/tracecontext/traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test.each([
  ['the example of the recommendation', `00-${TRACE}-${SPAN}-01`],
  ['not sampled', `00-${TRACE}-${SPAN}-00`],
  ['flags of a later version', `00-${TRACE}-${SPAN}-ff`],
  ['a later version', `cc-${TRACE}-${SPAN}-01`],
  ['a later version with more in it', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`],
])('%s', (_name, value) => {
  expect(parseTraceparent(value)).toEqual({ traceId: TRACE, spanId: SPAN });
});

test.each([
  ['empty', ''],
  ['version ff', `ff-${TRACE}-${SPAN}-01`],
  ['version 00 with more', `00-${TRACE}-${SPAN}-01-more`],
  ['a later version with more and no dash', `cc-${TRACE}-${SPAN}-01.more`],
  ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['a space in front', ` 00-${TRACE}-${SPAN}-01`],
  ['no flags', `00-${TRACE}-${SPAN}`],
])('%s is none', (_name, value) => {
  expect(parseTraceparent(value)).toBeUndefined();
});
