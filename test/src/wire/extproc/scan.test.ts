import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScannedMessage, scanMessage } from '../../../../src/wire/extproc/scan.ts';
import { Part } from '../../../../src/wire/extproc/scanned.ts';
import * as envoy from '../../../support/extproc.ts';

const scan = (bytes: Uint8Array) => scanMessage(bytes, createScannedMessage());
const bytes = (...parts: (number | Uint8Array)[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])));
const valueOf = (message: Uint8Array) => {
  const found = scan(message);
  return 'fault' in found ? found : Buffer.from(message.subarray(found.valueStart, found.valueEnd)).toString();
};

describe('the six parts', () => {
  test.each([
    ['request headers', envoy.requestHeaders({ ':path': '/' }), Part.requestHeaders, false],
    [
      'request headers, nothing follows',
      envoy.requestHeaders({ ':path': '/' }, { endOfStream: true }),
      Part.requestHeaders,
      true,
    ],
    ['response headers', envoy.responseHeaders({ ':status': '200' }), Part.responseHeaders, false],
    ['request body', envoy.requestBody('{}'), Part.requestBody, false],
    ['last, empty request body', envoy.requestBody('', { endOfStream: true }), Part.requestBody, true],
    ['response body', envoy.responseBody('{}', { endOfStream: true }), Part.responseBody, true],
    ['request trailers', envoy.requestTrailers({ a: 'b' }), Part.requestTrailers, true],
    ['response trailers', envoy.responseTrailers({ 'grpc-status': '0' }), Part.responseTrailers, true],
  ])('%s', (_name, message, part, endOfStream) => {
    expect(scan(message)).toMatchObject({ part, endOfStream, observabilityMode: true });
  });

  test('the body lies where the offsets say', () => {
    expect(valueOf(envoy.requestBody('hello'))).toBe('hello');
    expect(valueOf(envoy.requestBody(''))).toBe('');
  });

  test('processing mode is the absent flag', () => {
    expect(scan(envoy.requestHeaders({}, { observabilityMode: false }))).toMatchObject({ observabilityMode: false });
  });

  test('one object serves every message of a thread: nothing of the last one stays', () => {
    const scanned = createScannedMessage();
    scanMessage(envoy.requestHeaders({}, { endOfStream: true, attributes: { 'request.id': 'x' } }), scanned);
    scanMessage(envoy.responseBody('', { observabilityMode: false }), scanned);
    expect(scanned).toMatchObject({
      endOfStream: false,
      observabilityMode: false,
      attributesStart: 0,
      attributesEnd: 0,
    });
  });
});

describe('attributes', () => {
  test('are found under the filter key', () => {
    const message = envoy.requestHeaders({ ':path': '/' }, { attributes: { 'request.id': 'abc' } });
    const found = scan(message);
    if ('fault' in found) throw new Error('a fault');
    expect(Buffer.from(message.subarray(found.attributesStart, found.attributesEnd)).toString()).toContain(
      'request.id',
    );
  });

  test('of another filter are not ours', () => {
    const message = envoy.ProcessingRequest.fromObject({
      requestBody: {},
      attributes: { 'envoy.filters.http.lua': { fields: { a: { boolValue: true } } } },
    });
    expect(scan(envoy.ProcessingRequest.encode(message).finish())).toMatchObject({
      attributesStart: 0,
      attributesEnd: 0,
    });
  });
});

describe('what a newer Envoy may send', () => {
  const body = envoy.requestBody('hello');

  test('unknown fields of every wire type are skipped, before and behind', () => {
    const unknown = bytes(
      0xf8,
      0x07,
      0x96,
      0x01,
      0xf9,
      0x07,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      0xfa,
      0x07,
      2,
      0xff,
      0xff,
      0xfd,
      0x07,
      1,
      2,
      3,
      4,
    );
    expect(valueOf(bytes(unknown, body, unknown))).toBe('hello');
  });

  test('a known number with another wire type is an unknown field', () => {
    expect(valueOf(bytes(0x20, 0x05, body))).toBe('hello');
    expect(scan(bytes(body, 0x52, 1, 0))).toMatchObject({ observabilityMode: true });
  });

  test('of several parts the last one counts', () => {
    expect(scan(bytes(envoy.responseBody('a'), envoy.requestTrailers({})))).toMatchObject({
      part: Part.requestTrailers,
      endOfStream: true,
    });
  });
});

describe('bytes that are no message', () => {
  test.each([
    ['nothing at all', [], 'no-part'],
    ['a flag alone', [0x50, 0x01], 'no-part'],
    ['a tag that does not end', [0x92], 'truncated'],
    ['a part without its length', [0x12], 'truncated'],
    ['a part longer than the message', [0x12, 0x05, 0x0a], 'truncated'],
    ['a length of 2^32 + 1', [0x12, 0x81, 0x80, 0x80, 0x80, 0x10, 0x00], 'truncated'],
    ['a length of 2^63', [0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 'truncated'],
    ['a length of eleven bytes', [0x12, ...Array<number>(10).fill(0x80), 0x01], 'bad-varint'],
    ['a body longer than its part', [0x22, 0x02, 0x0a, 0x7f], 'truncated'],
    ['field number 0', [0x02, 0x00], 'bad-tag'],
    ['a tag above 32 bits', [0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00], 'bad-tag'],
    ['wire type 7', [0x17], 'bad-tag'],
    ['a group', [0x13, 0x14], 'group'],
    ['a group inside a part', [0x22, 0x02, 0x0b, 0x0c], 'group'],
    ['eight fixed bytes that are not there', [0x11, 1, 2, 3], 'truncated'],
    ['an HTTP/1.1 request', [...Buffer.from('GET / HTTP/1.1\r\n\r\n')], 'bad-tag'],
  ])('%s', (_name, raw, fault) => {
    expect(scan(Uint8Array.from(raw))).toMatchObject({ fault });
  });

  test('every cut of a good message is a message or a fault, and a fault leaves no trace in the next scan', () => {
    const whole = envoy.requestHeaders({ ':path': '/orders' }, { attributes: { 'request.id': 'abc' } });
    const scanned = createScannedMessage();
    for (let cut = 0; cut < whole.length; cut++) {
      scanMessage(whole.subarray(0, cut), scanned);
      expect(scanMessage(whole, scanned)).toMatchObject({ part: Part.requestHeaders, observabilityMode: true });
    }
  });
});

describe('the form Envoy writes is read straight off', () => {
  const UNKNOWN = bytes(0xf8, 0x07, 0x01);
  const messages = [
    envoy.requestHeaders({ ':path': '/' }),
    envoy.responseHeaders({}, { endOfStream: true }),
    envoy.responseHeaders({}, { attributes: { 'request.id': 'x'.repeat(200) } }),
    envoy.requestBody('x'.repeat(300)),
    envoy.responseBody('', { endOfStream: true }),
    envoy.responseTrailers({ a: 'b' }),
    envoy.requestBody('', { observabilityMode: false }),
  ];

  /** The same behind a field that nobody knows, which the general walk has to read. */
  const walked = (message: Uint8Array) => {
    const found = scan(bytes(UNKNOWN, message));
    if ('fault' in found) return { ...found, offset: found.offset - UNKNOWN.length };
    const { valueStart, valueEnd, attributesStart, attributesEnd } = found;
    const back = attributesEnd === 0 ? 0 : UNKNOWN.length;
    return {
      ...found,
      valueStart: valueStart - UNKNOWN.length,
      valueEnd: valueEnd - UNKNOWN.length,
      attributesStart: attributesStart - back,
      attributesEnd: attributesEnd - back,
    };
  };

  test('and says what the general walk says, also of what was changed and cut', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...messages), changes, fc.nat(6), (message, changed, cut) => {
        const mutated = message.slice(0, message.length - cut);
        for (const [at, byte] of changed) if (mutated.length > 0) mutated[at % Math.min(mutated.length, 60)] = byte;
        expect({ ...scan(mutated) }).toEqual(walked(mutated));
      }),
      { numRuns: 1000 },
    );
  });
});
