import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, formatOf, transcode } from '../../../../../src/wire/postgres/language/types.ts';

const text = (value: string): Uint8Array => Buffer.from(value);

/** What binary to text to binary gives, as hex. */
function thereAndBack(type: number, value: string): string | undefined {
  const binary = transcode(text(value), type, 0, 1);
  const back = binary && transcode(binary, type, 1, 0);
  return back && Buffer.from(back).toString();
}

describe('binary forms (held against a real server in test/e2e/postgres.test.ts)', () => {
  const table: readonly (readonly [string, number, string, string])[] = [
    ['bool', 16, 't', '01'],
    ['int2', 21, '-2', 'fffe'],
    ['int4', 23, '7', '00000007'],
    ['int8', 20, '9223372036854775807', '7fffffffffffffff'],
    ['oid', 26, '4294967295', 'ffffffff'],
    ['inet', 869, '10.1.2.3/8', '020800040a010203'],
    ['inet', 869, '2001:db8::1', '0380001020010db8000000000000000000000001'],
    ['cidr', 650, '10.0.0.0/8', '020801040a000000'],
    ['float8', 701, '0.1', '3fb999999999999a'],
    ['float8', 701, 'NaN', '7ff8000000000000'],
    ['float4', 700, '1e+06', '49742400'],
    ['numeric', 1700, '-12.50', '00020000400000020 00c1388'.replace(' ', '')],
    ['uuid', 2950, '0190b5a0-0000-7000-8000-000000000001', '0190b5a0000070008000000000000001'],
    ['bytea', 17, '\\x00ff', '00ff'],
    ['jsonb', 3802, '{}', '017b7d'],
    ['date', 1082, '2000-01-02', '00000001'],
    ['date, five digits', 1082, '12026-01-01', '0037e062'],
    ['timestamp', 1114, '2000-01-01 00:00:00.000001', '0000000000000001'],
    ['timestamptz', 1184, '1999-12-31 23:59:59+00', 'fffffffffff0bdc0'],
    ['time', 1083, '00:00:01', '00000000000f4240'],
    ['interval', 1186, '1 mon 2 days 00:00:01', '00000000000f42400000000200000001'],
    ['int4[]', 1007, '{1,NULL}', '000000010000000100000017000000020000000100000004' + '00000001ffffffff'],
  ];
  for (const [name, type, value, hex] of table) {
    it(`${name} ${value} ⇄ ${hex}`, () => {
      expect(Buffer.from(transcode(text(value), type, 0, 1) ?? []).toString('hex')).toBe(hex);
      expect(Buffer.from(transcode(Buffer.from(hex, 'hex'), type, 1, 0) ?? []).toString()).toBe(value);
    });
  }

  it('of an unknown type there is none', () => {
    expect(transcode(text('x'), 99_999, 0, 1)).toBeUndefined();
    expect(transcode(text('x'), 99_999, 1, 1)).toEqual(text('x'));
  });

  it('what is no value of the type has none', () => {
    const wrong: readonly (readonly [number, string])[] = [
      [16, 'maybe'],
      [21, '32768'],
      [23, 'NaN'],
      [23, ''],
      [701, 'x'],
      [1700, '1.2.3'],
      [1700, '.'],
      [2950, 'x'],
      [17, '\\xabc'],
      [1082, '2026-13-01'],
      [1114, 'yesterday'],
      [1083, '25:00:00'],
      [1186, 'P1D'],
      [1007, '{1,{2}}'],
      [1007, '{{1},{2,3}}'],
      [1007, '{1'],
      [1007, '1'],
      [1007, '{1}}'],
      [1007, '{x}'],
    ];
    for (const [type, value] of wrong)
      expect([type, value, transcode(text(value), type, 0, 1)]).toEqual([type, value, undefined]);
    for (const type of [16, 21, 23, 20, 700, 701, 1700, 2950, 1082, 1114, 1083, 1186, 1007, 3802]) {
      expect([type, transcode(Buffer.from('ffffff', 'hex'), type, 1, 0)]).toEqual([type, undefined]);
    }
  });
});

describe('there and back again is the same', () => {
  it('numbers', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(fc.double(), fc.float(), int64, (double, single, integer) => {
        expect(String(Number(thereAndBack(701, String(double))))).toBe(String(double));
        expect(String(Math.fround(Number(thereAndBack(700, String(single)))))).toBe(String(single));
        expect(thereAndBack(20, String(integer))).toBe(String(integer));
      }),
    );
  });

  it('decimals', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{0,29}[1-9])$/), (value) => {
        expect(thereAndBack(1700, value)).toBe(value);
      }),
    );
    expect(['-0', '0.00', '1.5e3', '15e-3', '00012'].map((value) => thereAndBack(1700, value))).toEqual([
      '0',
      '0.00',
      '1500',
      '0.015',
      '12',
    ]);
  });

  it('days, over all of the calendar', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_451_545, max: 2_145_031_948 }), (days) => {
        const binary = Buffer.alloc(4);
        binary.writeInt32BE(days);
        expect(Buffer.from(transcode(transcode(binary, 1082, 1, 0) ?? text(''), 1082, 0, 1) ?? [])).toEqual(
          Buffer.from(binary),
        );
      }),
    );
  });

  it('moments and intervals', () => {
    const int64 = fc.bigInt({ min: -211_813_488_000_000_000n, max: 9_223_371_331_199_999_999n });
    fc.assert(
      fc.property(int64, (us) => {
        const binary = Buffer.alloc(8);
        binary.writeBigInt64BE(us);
        for (const type of [1114, 1184])
          expect(Buffer.from(transcode(transcode(binary, type, 1, 0) ?? text(''), type, 0, 1) ?? [])).toEqual(
            Buffer.from(binary),
          );
      }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.integer({ min: -1e6, max: 1e6 }),
        fc.integer({ min: -1e6, max: 1e6 }),
        (ms, days, months) => {
          const binary = Buffer.alloc(16);
          binary.writeBigInt64BE(BigInt(ms) * 1000n);
          binary.writeInt32BE(days, 8);
          binary.writeInt32BE(months, 12);
          expect(Buffer.from(transcode(transcode(binary, 1186, 1, 0) ?? text(''), 1186, 0, 1) ?? [])).toEqual(
            Buffer.from(binary),
          );
        },
      ),
    );
  });

  it('arrays of any text', () => {
    const matrix = fc
      .integer({ min: 1, max: 3 })
      .chain((width) => fc.array(fc.array(fc.string(), { minLength: width, maxLength: width }), { minLength: 1 }));
    fc.assert(
      fc.property(matrix, (rows) => {
        const quoted = `{${rows.map((row) => `{${row.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`).join(',')}}`;
        const binary = transcode(text(quoted), 1009, 0, 1) ?? text('');
        expect(Buffer.from(transcode(transcode(binary, 1009, 1, 0) ?? text(''), 1009, 0, 1) ?? [])).toEqual(
          Buffer.from(binary),
        );
      }),
    );
  });

  it('never throws, whatever comes', () => {
    const types = [16, 17, 20, 21, 23, 700, 701, 1007, 1009, 1082, 1083, 1114, 1184, 1186, 1700, 2950, 3802];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 40 }), fc.string(), (type, bytes, value) => {
        expect(() => [transcode(bytes, type, 1, 0), transcode(text(value), type, 0, 1)]).not.toThrow();
      }),
    );
  });
});

describe('one spelling for each value', () => {
  it('text and binary of one value agree', () => {
    const cases: readonly (readonly [number, string, string])[] = [
      [16, 'true', '01'],
      [23, '+07', '00000007'],
      [1184, '2000-01-01T02:00:01.000+02:00', '00000000000f4240'],
      [2950, '0190B5A0000070008000000000000001', '0190b5a0000070008000000000000001'],
      [17, '\\000\\377', '00ff'],
      [1009, '{ a , "b" }', '000000010000000000000019000000020000000100000001610000000162'],
    ];
    for (const [type, value, hex] of cases)
      expect(canonical(text(value), type, 0)).toBe(canonical(Buffer.from(hex, 'hex'), type, 1));
  });

  it('NULL, the unknown and the wrong stay what they are', () => {
    expect(canonical(null, 23, 0)).toBeNull();
    expect(canonical(text('NaN'), 23, 0)).toBe('NaN');
    expect(canonical(Buffer.from([1, 2]), 0, 1)).toBe('\\x0102');
  });

  it('one format stands for all', () => {
    expect([formatOf([], 3), formatOf([1], 3), formatOf([0, 1], 1)]).toEqual([0, 1, 1]);
  });
});
