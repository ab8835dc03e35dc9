import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../../../src/wire/extproc/decode.ts';
import { createScannedMessage, scanMessage } from '../../../../src/wire/extproc/scan.ts';
import { Part } from '../../../../src/wire/extproc/scanned.ts';
import * as envoy from '../../../support/extproc.ts';

test('request headers with attributes', () => {
  const message = envoy.requestHeaders(
    { ':method': 'GET', ':path': '/a' },
    { endOfStream: true, attributes: { 'response.flags': 32, 'request.id': 'x' } },
  );
  expect(decodeMessage(message)).toEqual({
    part: Part.requestHeaders,
    endOfStream: true,
    observabilityMode: true,
    headers: [
      { name: ':method', value: 'GET' },
      { name: ':path', value: '/a' },
    ],
    attributes: { 'response.flags': '32', 'request.id': 'x' },
  });
});

test('a body is a view, not a copy', () => {
  const message = envoy.responseBody('hello');
  const decoded = decodeMessage(message);
  expect(decoded).toMatchObject({ part: Part.responseBody, body: new TextEncoder().encode('hello') });
  expect('body' in decoded && decoded.body?.buffer).toBe(message.buffer);
});

test('a fault anywhere inside is a fault of the message', () => {
  expect(decodeMessage(Uint8Array.of(0x12, 0x04, 0x0a, 0x02, 0x0a, 0x7f))).toMatchObject({ fault: 'truncated' });
});

const text = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const headers = fc.array(fc.record({ name: fc.stringMatching(/^[a-z:-]{0,12}$/), value: text }), { maxLength: 6 });
const options = fc.record({
  endOfStream: fc.boolean(),
  observabilityMode: fc.boolean(),
  attributes: fc.option(
    fc.dictionary(fc.string({ maxLength: 12 }), fc.oneof(fc.string(), fc.boolean(), fc.double({ noNaN: true })), {
      maxKeys: 4,
    }),
    { nil: {} },
  ),
});
const message = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(envoy.requestHeaders, envoy.responseHeaders, envoy.requestTrailers, envoy.responseTrailers),
      headers,
      options,
    )
    .map(([build, list, rest]) => build(list, rest)),
  fc
    .tuple(fc.constantFrom(envoy.requestBody, envoy.responseBody), fc.uint8Array({ maxLength: 200 }), options)
    .map(([build, body, rest]) => build(body, rest)),
);

/** What protobufjs makes of the same bytes, in the shape decodeMessage has. */
function reference(bytes: Uint8Array): object {
  const seen = envoy.ProcessingRequest.toObject(envoy.ProcessingRequest.decode(bytes), {
    oneofs: true,
    defaults: true,
  });
  const kind = seen['request'] as keyof typeof Part;
  const part = seen[kind];
  const map: { key: string; rawValue: Uint8Array }[] | undefined = (part.headers ?? part.trailers)?.headers;
  return {
    part: Part[kind],
    endOfStream: kind.endsWith('Trailers') || part.endOfStream,
    observabilityMode: seen['observabilityMode'],
    ...(part.body === undefined
      ? {
          headers: (map ?? []).map(({ key, rawValue }) => ({
            name: key,
            value: Buffer.from(rawValue).toString('latin1'),
          })),
        }
      : { body: new Uint8Array(part.body) }),
  };
}

describe('against protobufjs', () => {
  test('every message reads alike', () => {
    const alike = fc.property(message, (bytes) => {
      expect(decodeMessage(bytes)).toMatchObject(reference(bytes));
    });
    fc.assert(alike, { numRuns: 2_000 });
  });

  test('100,000 broken messages: a value or a fault, offsets inside, never an exception', () => {
    const samples = fc.sample(message, { numRuns: 500, seed: 20261001 });
    const random = lcg(4711);
    const counts = { faults: 0, messages: 0 };
    for (let run = 0; run < 100_000; run++) {
      const bytes = mutate(samples[run % samples.length] ?? new Uint8Array(0), random);
      const scanned = scanMessage(bytes, createScannedMessage());
      const decoded = decodeMessage(bytes);
      if ('fault' in scanned) {
        counts.faults++;
        if (!('fault' in decoded))
          throw new Error(`decoded what the scan refused: ${Buffer.from(bytes).toString('hex')}`);
      } else {
        counts.messages++;
        const inside =
          scanned.valueStart <= scanned.valueEnd &&
          scanned.valueEnd <= bytes.length &&
          scanned.attributesStart <= scanned.attributesEnd &&
          scanned.attributesEnd <= bytes.length;
        if (!inside) throw new Error(`offsets outside: ${Buffer.from(bytes).toString('hex')}`);
      }
    }
    expect(counts.faults).toBeGreaterThan(10_000);
    expect(counts.messages).toBeGreaterThan(10_000);
  });
});

/** One to four of: flip a byte, cut, insert, drop, double a run. */
function mutate(original: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = [...original];
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(bytes.length + 1);
    const kind = random(5);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1) bytes = bytes.slice(0, at);
    else if (kind === 2) bytes.splice(at, 0, 0x80 + random(128), random(256));
    else if (kind === 3) bytes.splice(at, 1 + random(4));
    else bytes.splice(at, 0, ...bytes.slice(at, at + random(20)));
  }
  return Uint8Array.from(bytes);
}

function lcg(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
