/** Integers and IEEE floats. https://www.postgresql.org/docs/current/datatype-numeric.html */
import { int64 } from '../../../bytes.ts';
import { dataView, pad, type TypeCodec } from './codec.ts';

function integer(bits: 16 | 32 | 64, signed: boolean): TypeCodec {
  const bytes = bits / 8;
  return {
    text(binary) {
      if (binary.length !== bytes) return undefined;
      const value = BigInt(`0x${Buffer.from(binary).toString('hex')}`);
      return String(signed ? BigInt.asIntN(bits, value) : value);
    },
    binary(text) {
      if (!/^\s*[+-]?\d{1,20}\s*$/.test(text)) return undefined;
      const value = BigInt(text.trim().replace(/^\+/, ''));
      if (value !== (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value))) return undefined;
      return int64(value).subarray(8 - bytes);
    },
  };
}

export const int2 = integer(16, true);
export const int4 = integer(32, true);
export const int8 = integer(64, true);
export const oid = integer(32, false);

export const float4: TypeCodec = {
  text: (binary) => (binary.length === 4 ? floatText(dataView(binary).getFloat32(0), 6, shortestSingle) : undefined),
  binary: (text) => floatBinary(text, 4, (view, value) => view.setFloat32(0, value)),
};

export const float8: TypeCodec = {
  text: (binary) =>
    binary.length === 8 ? floatText(dataView(binary).getFloat64(0), 15, (value) => value.toExponential()) : undefined,
  binary: (text) => floatBinary(text, 8, (view, value) => view.setFloat64(0, value)),
};

function floatBinary(
  text: string,
  bytes: number,
  set: (view: DataView, value: number) => void,
): Uint8Array | undefined {
  const value = parseFloatText(text.trim());
  if (value === undefined) return undefined;
  const binary = Buffer.alloc(bytes);
  set(dataView(binary), value);
  return binary;
}

function parseFloatText(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** The fewest digits that read back as the same single-precision value. */
function shortestSingle(value: number): string {
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential();
}

/** As Postgres writes shortest floats: an exponent below 1e-4 and from 10^`digits` on, with at least two digits. */
function floatText(value: number, digits: number, shortest: (value: number) => string): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const sign = Object.is(value, -0) || value < 0 ? '-' : '';
  const [mantissa = '', power = '0'] = shortest(Math.abs(value)).split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits)
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${pad(Math.abs(exponent), 2)}`;
  const plain = mantissa.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${plain}`;
  const whole = plain.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = plain.slice(exponent + 1);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
