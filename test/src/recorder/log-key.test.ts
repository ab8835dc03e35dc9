import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOfTexts, logKeyIn, logKeyOf } from '../../../src/recorder/log-key.ts';
import { createScannedEntry, scanEntry } from '../../../src/wire/accesslog/scan.ts';
import { parseRequestTime } from '../../../src/wire/accesslog/time.ts';
import { createScannedMessage, scanMessage } from '../../../src/wire/extproc/scan.ts';
import { logEntry } from '../../support/access-log.ts';
import type { EntryOptions } from '../../support/access-log.ts';
import * as envoy from '../../support/extproc.ts';

const scanned = createScannedMessage();

function keyIn(attributes: Readonly<Record<string, string | number>>): string | undefined {
  const bytes = envoy.requestHeaders({}, { attributes });
  scanMessage(bytes, scanned);
  return logKeyIn(bytes, scanned);
}

/** By texts, as it is made of what has another form. */
function keyOf(attributes: Readonly<Record<string, string>>): string | undefined {
  const micros = parseRequestTime(attributes['request.time'] ?? '');
  const { 'request.id': id = '', 'source.address': remote = '' } = attributes;
  return micros === undefined ? undefined : keyOfTexts(id, micros, remote);
}

const TIME = '2026-11-22T00:46:24.862627+00:00';
const WHOLE = { 'request.id': 'r', 'request.time': TIME, 'source.address': '10.0.0.7:5000' };

describe('what an entry and its exchange have in common', () => {
  test('is in the attributes of the exchange', () => {
    expect(keyIn(WHOLE)).toBe(keyOfTexts('r', 1_795_308_384_862_627, '10.0.0.7:5000'));
  });

  test.each<[string, Record<string, string>]>([
    ['no id', { 'request.time': TIME }],
    ['text that is no ASCII', { ...WHOLE, 'request.id': 'é' }],
    ['a long id', { ...WHOLE, 'request.id': 'r'.repeat(1000) }],
    ['a whole second', { ...WHOLE, 'request.time': '2026-11-22T00:46:24+00:00' }],
    ['zeros left out', { ...WHOLE, 'request.time': '2026-11-22T00:46:24.8+00:00' }],
    ['nanoseconds', { ...WHOLE, 'request.time': '2026-11-22T00:46:24.862627999+00:00' }],
    ['another zone', { ...WHOLE, 'request.time': '2026-11-22T01:46:24.862627+01:00' }],
    ['Z', { ...WHOLE, 'request.time': '2026-11-22T00:46:24Z' }],
    ['a day behind the month', { ...WHOLE, 'request.time': '2026-02-30T00:46:24+00:00' }],
    ['no day', { ...WHOLE, 'request.time': '2026-02-99T00:46:24+00:00' }],
    ['the end of a day', { ...WHOLE, 'request.time': '2026-11-22T24:00:00+00:00' }],
    ['before 1970', { ...WHOLE, 'request.time': '1969-12-31T23:59:59.5+00:00' }],
  ])('is the same by texts: %s', (_name, attributes) => {
    expect(keyIn(attributes)).toBe(keyOf(attributes));
  });

  test('is the same by texts, whatever stands there', () => {
    const changedTime = fc
      .tuple(fc.nat(TIME.length - 1), fc.constantFrom('0', '9', 'x', '', '-'))
      .map(([at, other]) => TIME.slice(0, at) + other + TIME.slice(at + 1));
    const attributes = fc.record(
      { 'request.id': fc.string({ maxLength: 300 }), 'request.time': changedTime, 'source.address': fc.string() },
      { requiredKeys: ['request.time'] },
    );
    fc.assert(
      fc.property(attributes, (all) => {
        expect(keyIn(all)).toBe(keyOf(all));
      }),
      { numRuns: 300 },
    );
  });

  test('is none without a time', () => {
    expect(keyIn({})).toBeUndefined();
    expect(keyIn({ 'request.id': 'r' })).toBeUndefined();
    expect(keyIn({ ...WHOLE, 'request.time': 5 })).toBeUndefined();
  });
});

describe('of an entry', () => {
  const keyOfEntry = (options: EntryOptions): string => {
    const bytes = logEntry(options);
    const entry = scanEntry(bytes, createScannedEntry());
    if ('fault' in entry) throw new Error(entry.fault);
    return logKeyOf(bytes, entry);
  };

  test('is that of its exchange', () => {
    const entry = { requestId: 'r', startMicros: 1_795_308_384_862_627, remote: { address: '10.0.0.7', port: 5000 } };
    expect(keyOfEntry(entry)).toBe(keyIn(WHOLE));
  });

  test.each<[string, EntryOptions, string, string]>([
    ['IPv6', { remote: { address: 'fd00::1', port: 65_535 } }, '', '[fd00::1]:65535'],
    ['no port', { remote: { address: '10.0.0.7', port: 0 } }, '', '10.0.0.7:0'],
    ['a port that is none', { remote: { address: '10.0.0.7', port: 65_536 } }, '', '10.0.0.7:65536'],
    ['a listener', { remote: { listener: 'inside' } }, '', 'envoy://inside/'],
    ['an id that is no ASCII', { requestId: 'é', remote: { address: '::1', port: 80 } }, 'é', '[::1]:80'],
    ['a host that is no ASCII', { remote: { address: 'höst', port: 80 } }, '', 'höst:80'],
    ['a long id', { requestId: 'r'.repeat(600), remote: { address: '::1', port: 80 } }, 'r'.repeat(600), '[::1]:80'],
    [
      'an id that leaves no room',
      { requestId: 'r'.repeat(500), remote: { address: '::1', port: 80 } },
      'r'.repeat(500),
      '[::1]:80',
    ],
    ['a host that leaves no room', { remote: { address: 'h'.repeat(500), port: 80 } }, '', `${'h'.repeat(500)}:80`],
  ])('is the same by texts: %s', (_name, options, id, remote) =>
    expect(keyOfEntry({ startMicros: 1_795_308_384_862_627, ...options })).toBe(
      keyOfTexts(id, 1_795_308_384_862_627, remote),
    ),
  );

  test('is the same by texts, whatever stands there', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 600 }));
    const any = fc.record({ requestId: fc.string({ maxLength: 600 }), address, port: fc.nat(100_000) });
    fc.assert(
      fc.property(any, ({ requestId, address: host, port }) => {
        const remote = `${host.includes(':') ? `[${host}]` : host}:${port}`;
        const startMicros = 1_795_308_384_862_627;
        expect(keyOfEntry({ requestId, startMicros, remote: { address: host, port } })).toBe(
          keyOfTexts(requestId, startMicros, remote),
        );
      }),
      { numRuns: 300 },
    );
  });
});
