/** Values of the platform's own classes, as Java writes them, from their fields. */
import type { TaggedValue } from './fields.ts';
import type { JavaMachine } from './machine.ts';
import { elementsOf, fieldsOf } from './objects.ts';

type Fields = ReadonlyMap<string, TaggedValue>;
type Write = (machine: JavaMachine, fields: Fields) => Promise<string>;

const text = (fields: Fields, name: string): string => {
  const value = fields.get(name);
  return value?.kind === 'primitive' ? value.text : '0';
};
const two = (fields: Fields, name: string): string => text(fields, name).padStart(2, '0');
const value: Write = async (_machine, fields) => text(fields, 'value');

const bigInteger: Write = async (machine, fields) => {
  const words = await elementsOf(machine, fields.get('mag'), 64);
  const size = words.reduce(
    (sum, word) => (sum << 32n) | BigInt.asUintN(32, BigInt(word.kind === 'primitive' ? word.text : 0)),
    0n,
  );
  return String(text(fields, 'signum').startsWith('-') ? -size : size);
};

/** What intCompact holds when the number is in intVal. */
const INFLATED = String(-(2n ** 63n));

const bigDecimal: Write = async (machine, fields) => {
  const compact = text(fields, 'intCompact');
  const unscaled =
    compact === INFLATED ? await bigInteger(machine, await fieldsOf(machine, fields.get('intVal'))) : compact;
  const scale = Number(text(fields, 'scale'));
  if (scale < 0 || scale > 50) return `${unscaled}E${-scale}`;
  const digits = unscaled.replace('-', '').padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled.startsWith('-') ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
};

const uuid: Write = async (_machine, fields) => {
  const half = (name: string): string =>
    BigInt.asUintN(64, BigInt(text(fields, name)))
      .toString(16)
      .padStart(16, '0');
  return `${half('mostSigBits')}${half('leastSigBits')}`.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

const instant: Write = async (_machine, fields) => {
  const at = new Date(Number(text(fields, 'seconds')) * 1000 + Math.floor(Number(text(fields, 'nanos')) / 1e6));
  return Number.isNaN(at.getTime()) ? `${text(fields, 'seconds')} s` : at.toISOString();
};

const duration: Write = async (_machine, fields) => {
  const nanos = Number(text(fields, 'nanos'));
  return `${Number(text(fields, 'seconds')) + nanos / 1e9} s`;
};

const localDate: Write = async (_machine, fields) =>
  `${text(fields, 'year').padStart(4, '0')}-${two(fields, 'month')}-${two(fields, 'day')}`;

const localTime: Write = async (_machine, fields) => {
  const nanos = text(fields, 'nano');
  const fraction = nanos === '0' ? '' : `.${nanos.padStart(9, '0').replace(/0+$/, '')}`;
  return `${two(fields, 'hour')}:${two(fields, 'minute')}:${two(fields, 'second')}${fraction}`;
};

const localDateTime: Write = async (machine, fields) => {
  const [date, time] = [await fieldsOf(machine, fields.get('date')), await fieldsOf(machine, fields.get('time'))];
  return `${await localDate(machine, date)}T${await localTime(machine, time)}`;
};

const WRITERS: Readonly<Record<string, Write>> = {
  'java.lang.Integer': value,
  'java.lang.Long': value,
  'java.lang.Short': value,
  'java.lang.Byte': value,
  'java.lang.Character': value,
  'java.lang.Boolean': value,
  'java.lang.Float': value,
  'java.lang.Double': value,
  'java.util.concurrent.atomic.AtomicInteger': value,
  'java.util.concurrent.atomic.AtomicLong': value,
  'java.math.BigInteger': bigInteger,
  'java.math.BigDecimal': bigDecimal,
  'java.util.UUID': uuid,
  'java.time.Instant': instant,
  'java.time.Duration': duration,
  'java.time.LocalDate': localDate,
  'java.time.LocalTime': localTime,
  'java.time.LocalDateTime': localDateTime,
};

/** Undefined for other classes. */
export async function platformValue(machine: JavaMachine, name: string, fields: Fields): Promise<string | undefined> {
  return Object.hasOwn(WRITERS, name) ? WRITERS[name]?.(machine, fields) : undefined;
}
