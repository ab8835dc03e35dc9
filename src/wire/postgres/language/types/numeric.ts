/**
 * Exact decimals.
 *
 *     Int16 digits, Int16 weight of the first (powers of 10,000), Int16 sign, Int16 digits behind the point in decimal, [digits] Int16 0..9999
 *
 * numeric_send in https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/numeric.c
 */
import { Reader, concat, int16 } from '../../../bytes.ts';
import { pad, type TypeCodec } from './codec.ts';

const NEGATIVE = 0x4000;
const SPECIAL = new Map([
  [0xc000, 'NaN'],
  [0xd000, 'Infinity'],
  [0xf000, '-Infinity'],
]);
/** Means nothing; it is what Postgres itself sends beside an infinite value. */
const INFINITE_SCALE = 0x20;
const DECIMAL = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?\s*$/i;

export const numeric: TypeCodec = {
  text(binary) {
    const reader = new Reader(binary);
    const count = reader.uint16();
    const weight = reader.int16();
    const sign = reader.uint16();
    const scale = reader.uint16();
    const groups = Array.from({ length: Math.min(count, reader.left) }, () => reader.int16());
    if (!reader.done || (sign !== 0 && sign !== NEGATIVE)) return reader.failed ? undefined : SPECIAL.get(sign);
    const group = (power: number): string => pad(groups[weight - power] ?? 0, 4);
    let whole = '';
    for (let power = weight; power >= 0; power--) whole += group(power);
    let fraction = '';
    for (let power = -1; fraction.length < scale; power--) fraction += group(power);
    const point = scale === 0 ? '' : `.${fraction.slice(0, scale)}`;
    return `${sign === NEGATIVE ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${point}`;
  },

  binary(text) {
    const special = [...SPECIAL].find(([, name]) => name.toLowerCase() === text.trim().toLowerCase());
    if (special !== undefined) return concat([0, 0, special[0], special[1] === 'NaN' ? 0 : INFINITE_SCALE].map(int16));
    const [, sign, whole = '', fraction = '', power = '0'] = DECIMAL.exec(text) ?? [];
    if (sign === undefined || whole + fraction === '') return undefined;
    return encode(sign === '-', whole + fraction, whole.length + Number(power));
  },
};

/** `digits` with the decimal point behind the first `point` of them. */
function encode(negative: boolean, digits: string, point: number): Uint8Array {
  const scale = Math.max(0, digits.length - point);
  const zeros = Math.max(0, -point);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '';
  const fraction = '0'.repeat(zeros) + digits.slice(Math.max(0, point));
  const padded =
    whole.padStart(Math.ceil(whole.length / 4) * 4, '0') + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  const groups = (padded.match(/\d{4}/g) ?? []).map(Number);
  const first = groups.findIndex((group) => group !== 0);
  const last = groups.findLastIndex((group) => group !== 0);
  const kept = first === -1 ? [] : groups.slice(first, last + 1);
  const weight = first === -1 ? 0 : Math.ceil(whole.length / 4) - 1 - first;
  const sign = negative && first !== -1 ? NEGATIVE : 0;
  return concat([kept.length, weight, sign, scale, ...kept].map(int16));
}
