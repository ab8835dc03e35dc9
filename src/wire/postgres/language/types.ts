/**
 * Values of common types between their text and their binary form, by type OID. Drivers choose the form as they like, some change it from
 * one execution to the next.
 *
 * OIDs: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
 */
import type { Value } from '../frontend.ts';
import { arrayOf } from './types/array.ts';
import type { TypeCodec } from './types/codec.ts';
import { date, interval, time, timestamp, timestamptz } from './types/datetime.ts';
import { cidr, inet } from './types/inet.ts';
import { float4, float8, int2, int4, int8, oid } from './types/number.ts';
import { numeric } from './types/numeric.ts';
import { bool, bytea, jsonb, plainText, uuid } from './types/text.ts';

/** 0 text, 1 binary, as Bind and RowDescription have it. */
export type Format = number;

/** OID of the type, OID of its array type (0: none here), codec. */
const TYPES: readonly (readonly [oid: number, array: number, codec: TypeCodec])[] = [
  [16, 1000, bool],
  [17, 1001, bytea],
  [18, 1002, plainText], // "char"
  [19, 1003, plainText], // name
  [20, 1016, int8],
  [21, 1005, int2],
  [23, 1007, int4],
  [25, 1009, plainText], // text
  [26, 1028, oid],
  [114, 199, plainText], // json
  [142, 143, plainText], // xml
  [650, 651, cidr],
  [700, 1021, float4],
  [701, 1022, float8],
  [705, 0, plainText], // unknown
  [869, 1041, inet],
  [1042, 1014, plainText], // bpchar
  [1043, 1015, plainText], // varchar
  [1082, 1182, date],
  [1083, 1183, time],
  [1114, 1115, timestamp],
  [1184, 1185, timestamptz],
  [1186, 1187, interval],
  [1700, 1231, numeric],
  [2950, 2951, uuid],
  [3802, 3807, jsonb],
];

const CODECS: ReadonlyMap<number, TypeCodec> = new Map(
  TYPES.flatMap(([type, array, codec]) => [
    [type, codec] as const,
    ...(array === 0 ? [] : [[array, arrayOf(codec, type)] as const]),
  ]),
);

/** The value in another format; undefined when the type's codec is not known or the value is none of the type. */
export function transcode(value: Uint8Array, type: number, from: Format, to: Format): Uint8Array | undefined {
  if (from === to) return value;
  const codec = CODECS.get(type);
  if (from === 0) return codec?.binary(plain(value));
  const text = codec?.text(value);
  return text === undefined ? undefined : Buffer.from(text, 'utf8');
}

/**
 * One spelling for each value, whatever its format, so that equal values are equal strings: text as Postgres itself would write it.
 * Bytes of an unknown type stay bytes, `\x…`; text of one stays as it is.
 */
export function canonical(value: Value, type: number, format: Format): string | null {
  if (value === null) return null;
  const codec = CODECS.get(type);
  if (format === 1) return codec?.text(value) ?? `\\x${Buffer.from(value).toString('hex')}`;
  const text = plain(value);
  const binary = codec?.binary(text);
  return (binary && codec?.text(binary)) ?? text;
}

/** Types of bytes, and of records, whose parts have no names of their own; with their arrays. */
const UNREADABLE: ReadonlySet<number> = new Set([17, 1001, 2249, 2287]);
/** A value of a row type as Postgres writes it, or an array of them. */
const RECORD = /^(?:\(.*\)|\{"?\(.*\)"?\})$/s;

/** The value for people, as `canonical` spells it; undefined for bytes, records, and what only its type could tell. */
export function readable(value: Uint8Array, type: number, format: Format): string | undefined {
  if (UNREADABLE.has(type)) return undefined;
  const codec = CODECS.get(type);
  const text = format === 1 ? codec?.text(value) : (canonical(value, type, format) ?? undefined);
  return text === undefined || text.includes('\ufffd') || (codec === undefined && RECORD.test(text)) ? undefined : text;
}

/** The format of the n-th value: no formats mean all text, one stands for all. */
export function formatOf(formats: readonly Format[], index: number): Format {
  return (formats.length === 1 ? formats[0] : formats[index]) ?? 0;
}

function plain(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
