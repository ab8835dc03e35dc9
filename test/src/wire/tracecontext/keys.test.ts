import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Header } from '../../../../src/domain/exchange.ts';
import { createScannedMessage, scanMessage } from '../../../../src/wire/extproc/scan.ts';
import { transactionKeys } from '../../../../src/wire/tracecontext/identity.ts';
import { keysIn } from '../../../../src/wire/tracecontext/keys.ts';
import * as envoy from '../../../support/extproc.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const CALL = { traceId: 'a'.repeat(32), spanId: SPAN };

function keysOf(headers: Readonly<Record<string, string>>, callTrace?: typeof CALL): readonly string[] {
  const bytes = envoy.requestHeaders(headers);
  const scanned = scanMessage(bytes, createScannedMessage());
  if ('fault' in scanned) throw new Error(scanned.fault);
  return keysIn(bytes, scanned, callTrace);
}

const decoded = (headers: Readonly<Record<string, string>>): readonly Header[] =>
  Object.entries(headers).map(([name, value]) => ({ name, value }));

describe('keys of a request, read where they lie', () => {
  test.each<[string, Record<string, string>, string[]]>([
    [
      'a trace and a request id',
      { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-request-id': 'r' },
      [`trace:${TRACE}`, 'request:r'],
    ],
    ['a later version that says more', { traceparent: `cc-${TRACE}-${SPAN}-01-what` }, [`trace:${TRACE}`]],
    ['version 00 may not say more', { traceparent: `00-${TRACE}-${SPAN}-01-what` }, []],
    ['a version that is none', { traceparent: `ff-${TRACE}-${SPAN}-01` }, []],
    ['no trace', { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }, []],
    ['no span', { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` }, []],
    ['capitals', { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` }, []],
    ['B3 behind a traceparent that is invalid', { traceparent: 'x', b3: `${TRACE}-${SPAN}-1` }, [`trace:${TRACE}`]],
    [
      'B3 in two headers',
      { 'x-b3-traceid': TRACE.slice(16), 'x-b3-spanid': SPAN },
      [`trace:${TRACE.slice(16).padStart(32, '0')}`],
    ],
    ['a request id that is none', { 'x-request-id': 'a b' }, []],
    ['the longest request id', { 'x-request-id': 'r'.repeat(200) }, [`request:${'r'.repeat(200)}`]],
    ['too long a request id', { 'x-request-id': 'r'.repeat(201) }, []],
    ['nothing', {}, []],
  ])('%s', (_name, headers, keys) => {
    expect(keysOf(headers)).toEqual(keys);
  });

  test('the trace of the call is used where the request has none', () => {
    expect(keysOf({}, CALL)).toEqual([`trace:${CALL.traceId}`]);
    expect(keysOf({ traceparent: `00-${TRACE}-${SPAN}-01` }, CALL)).toEqual([`trace:${TRACE}`]);
  });

  test('they are those of decoded headers, whatever stands there', () => {
    const hex = fc.constantFrom(...Array.from('0123456789abcdefA-'));
    const text = (size: number) => fc.string({ unit: hex, minLength: size, maxLength: size });
    const traceparent = fc.oneof(
      fc
        .tuple(text(2), text(32), text(16), text(2), fc.constantFrom('', '-', '-x'))
        .map(([a, b, c, d, e]) => `${a}-${b}-${c}-${d}${e}`),
      fc
        .tuple(fc.constantFrom('00', 'fe', 'ff'), fc.nat(60), fc.constantFrom('0', 'g', '-'))
        .map(([version, at, other]) => {
          const valid = Array.from(`${version}-${TRACE}-${SPAN}-01`);
          valid.splice(at, 1, other);
          return valid.join('');
        }),
      fc.string({ maxLength: 60 }),
    );
    const headers = fc.record(
      {
        traceparent,
        b3: fc.constantFrom('0', `${TRACE}-${SPAN}`),
        'x-b3-traceid': text(16),
        'x-b3-spanid': text(16),
        'x-request-id': fc.string(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(headers, (all) => {
        const ascii = Object.fromEntries(
          Object.entries(all).map(([name, value]) => [name, value.replaceAll(/[^\0-\x7f]/g, '')]),
        );
        expect(keysOf(ascii)).toEqual(transactionKeys(decoded(ascii)));
      }),
      { numRuns: 300 },
    );
  });
});
