import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareValues, masked } from '../../../src/domain/noise.ts';
import { T0 } from '../../support/transaction.ts';

const WINDOW = { recordedAt: T0, now: Date.UTC(2026, 5, 1) };

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function ksuid(unix: number, payload: bigint): string {
  let value = (BigInt(Math.floor(unix / 1000) - 1_400_000_000) << 128n) | payload;
  let text = '';
  for (; text.length < 27; value /= 62n) text = `${BASE62[Number(value % 62n)]}${text}`;
  return text;
}

function snowflake(unix: number): string {
  return String((BigInt(unix - 1_288_834_974_657) << 22n) | 4242n);
}

describe('noise is known by its shape', () => {
  it.each([
    ['uuid', '7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f', '0A6C3C1E-5f2b-7e0e-8c55-0b6a3a1d2e4f'],
    ['ulid', '01ARZ3NDEKTSV4RRFFQ69G5FAV', '7ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
    ['jwt', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', 'Bearer eyJh.eyJz.c2ln'],
    ['hex digest', 'd41d8cd98f00b204e9800998ecf8427e', 'da39a3ee5e6b4b0d3255bfef95601890'],
    ['traceparent', `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`, `00-${'c3'.repeat(16)}-${'d4'.repeat(8)}-00`],
    ['time', '2026-01-02T03:04:05.678Z', '2026-06-01T00:00:00Z'],
    ['time', '20260102T030405Z', '20260601T000000Z'],
    ['uuid behind a word', 'order:7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f', 'order:0a6c3c1e-5f2b-7e0e-8c55-0b6a3a1d2e4f'],
    ['object id', '65a1b2c3d4e5f60718293a4b', '65a1b2c3d4e5f60718293a4c'],
    [
      'sigv4 scope',
      'AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/aws4_request',
      'AKIAIOSFODNN7EXAMPLE/20260601/us-east-1/s3/aws4_request',
    ],
    ['ksuid', ksuid(T0, 1n), ksuid(WINDOW.now, 7n)],
    ['snowflake', snowflake(T0), snowflake(WINDOW.now)],
    ['time', String(T0), String(Date.UTC(2026, 5, 1, 2))],
    ['time', String(T0 / 1000), `${T0 / 1000}.25`],
    ['time', `${T0}000`, `${T0}000000`],
  ])('%s', (_name, one, other) => {
    expect(compareValues(one, other, WINDOW)).toBe('noise');
  });

  it.each([
    ['numbers', '12', '13'],
    ['times far from both runs: they are data', '1999-12-31T00:00:00Z', '2000-01-01T00:00:00Z'],
    ['an id against a time', '7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f', '2026-01-02T03:04:05Z'],
    ['digests of different kinds', 'deadbeef', 'deadbee1'],
    ['words of hex letters', 'deadbeefdeadbeef', 'feedfacefeedface'],
    [
      'uuids behind different words',
      'id-7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f',
      'no-0a6c3c1e-5f2b-7e0e-8c55-0b6a3a1d2e4f',
    ],
    ['ksuids of other years', '0ujtsYcgvSTl8PAuAdqWYSMnLOv', '0uk1Hbc9dQ9pxyTqJ93IUrfhdGq'],
    ['big numbers', '90071992547409911', '90071992547409912'],
    [
      'another key of Amazon',
      'AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/s3/other',
      'AKIAIOSFODNN7EXAMPLE/20260601/eu/s3/x',
    ],
    ['a date that is none', '2026-99-99T99:99:99Z', '2026-01-02T03:04:05Z'],
  ])('%s are data', (_what, one, other) => {
    expect(compareValues(one, other, WINDOW)).toBe('different');
  });

  it('the same is the same, and the order does not matter', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(compareValues(one, one, WINDOW)).toBe('same');
        expect(compareValues(one, other, WINDOW)).toBe(compareValues(other, one, WINDOW));
      }),
    );
  });

  it('every fresh uuid is', () => {
    const uuid = fc.uuid({ version: [1, 4, 7] });
    fc.assert(
      fc.property(uuid, uuid, (one, other) => {
        fc.pre(one !== other);
        expect(compareValues(one, other, WINDOW)).toBe('noise');
      }),
    );
  });
});

it('what is noise anywhere in a text is left out of what it is looked up by', () => {
  const of = (id: string, at: string, time: number): string => `order:${id} {"at":"${at}","ms":${time},"n":7}`;
  const one = of('7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f', '2026-11-22T05:00:00.123Z', T0);
  const other = of('0a6c3c1e-5f2b-7e0e-8c55-0b6a3a1d2e4f', '2026-11-23T07:30:00.000Z', T0 + 1);
  expect(masked(one)).toBe(masked(other));
  expect(masked(one.replace('7}', '8}'))).not.toBe(masked(other));
  expect(masked('cart:7 12.50')).toBe('cart:7 12.50');
});
