import { describe, expect, test } from 'vitest';
import { parseB3Multi, parseB3Single } from '../../../../src/wire/tracecontext/b3.ts';

const TRACE = '80f198ee56343ba864fe8b2a57d3eff7';
const SHORT = '64fe8b2a57d3eff7';
const SPAN = 'e457b5a2e4d86bd1';
const PARENT = '05e3ac9a4f6e3b90';

describe('one header', () => {
  test.each([
    ['all four', `${TRACE}-${SPAN}-1-${PARENT}`, TRACE],
    ['debug', `${TRACE}-${SPAN}-d`, TRACE],
    ['decision deferred', `${TRACE}-${SPAN}`, TRACE],
    ['a 64-bit trace id', `${SHORT}-${SPAN}-0`, `0000000000000000${SHORT}`],
    ['upper case', `${TRACE.toUpperCase()}-${SPAN.toUpperCase()}`, TRACE],
  ])('%s', (_name, value, traceId) => {
    expect(parseB3Single(value)).toEqual({ traceId, spanId: SPAN });
  });

  test.each([
    '',
    '0',
    '1',
    'd',
    TRACE,
    `${TRACE}-`,
    `${TRACE}-${SPAN}-2`,
    `${'0'.repeat(32)}-${SPAN}`,
    `${TRACE}-${'0'.repeat(16)}`,
    `${TRACE}-${SPAN}-1-x`,
  ])('%j is none', (value) => {
    expect(parseB3Single(value)).toBeUndefined();
  });
});

describe('several headers', () => {
  test.each([
    ['128 bit', TRACE, TRACE],
    ['64 bit', SHORT, `0000000000000000${SHORT}`],
  ])('%s', (_name, value, traceId) => {
    expect(parseB3Multi(value, SPAN)).toEqual({ traceId, spanId: SPAN });
  });

  test.each([
    ['', SPAN],
    [TRACE, ''],
    [TRACE.slice(1), SPAN],
    ['0'.repeat(32), SPAN],
    [TRACE, `${SPAN}0`],
  ])('%j and %j are none', (traceId, spanId) => {
    expect(parseB3Multi(traceId, spanId)).toBeUndefined();
  });
});
