/**
 * Dates and times: whole microseconds or days since 2000-01-01, in the calendar that never changes. Text in the ISO style; times with zone
 * are written in UTC, which every client reads alike.
 *
 * https://www.postgresql.org/docs/current/datatype-datetime.html
 */
import { Reader, concat, int32, int64 } from '../../../bytes.ts';
import { pad, type TypeCodec } from './codec.ts';

const DAY_US = 86_400_000_000n;
const HOUR_US = 3_600_000_000n;
const INFINITY_DAYS = 0x7fffffff;
const INFINITY_US = 0x7fffffffffffffffn;
/** Days from 1970-01-01 to 2000-01-01. */
const EPOCH_DAYS = 10_957;

const STAMP =
  /^\s*(\d{1,7})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?\s*(Z|[+-]\d{1,2}(?::?\d{2}){0,2})?(\s+BC)?\s*$/i;
const TIME = /^\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*$/;

export const date: TypeCodec = {
  text(binary) {
    if (binary.length !== 4) return undefined;
    const days = new Reader(binary).int32();
    if (days === INFINITY_DAYS) return 'infinity';
    return days === -INFINITY_DAYS - 1 ? '-infinity' : dateText(days).join('');
  },
  binary(text) {
    const infinite = infinity(text);
    if (infinite !== undefined) return int32(infinite > 0 ? INFINITY_DAYS : -INFINITY_DAYS - 1);
    const stamp = parseStamp(text);
    return stamp && int32(stamp.days);
  },
};

export const timestamp = stampCodec('', () => 0n);
export const timestamptz = stampCodec('+00', (zone) => zone);

/** What a zone in the text means: a timestamp without zone ignores it. */
function stampCodec(suffix: string, shift: (zone: bigint) => bigint): TypeCodec {
  return {
    text(binary) {
      if (binary.length !== 8) return undefined;
      const us = new Reader(binary).int64();
      if (us === INFINITY_US) return 'infinity';
      if (us === -INFINITY_US - 1n) return '-infinity';
      const time = ((us % DAY_US) + DAY_US) % DAY_US;
      const [day, era] = dateText(Number((us - time) / DAY_US));
      return `${day} ${timeText(time)}${suffix}${era}`;
    },
    binary(text) {
      const infinite = infinity(text);
      if (infinite !== undefined) return int64(infinite > 0 ? INFINITY_US : -INFINITY_US - 1n);
      const stamp = parseStamp(text);
      return stamp && int64(BigInt(stamp.days) * DAY_US + stamp.time - shift(stamp.zone));
    },
  };
}

export const time: TypeCodec = {
  text: (binary) => (binary.length === 8 ? timeText(new Reader(binary).int64()) : undefined),
  binary(text) {
    const us = parseTime(text);
    return us === undefined ? undefined : int64(us);
  },
};

/** Int64 microseconds, Int32 days, Int32 months. */
export const interval: TypeCodec = {
  text(binary) {
    if (binary.length !== 16) return undefined;
    const reader = new Reader(binary);
    return intervalText(reader.int64(), reader.int32(), reader.int32());
  },
  binary(text) {
    const rest = text.match(/(?:^|\s)([+-]?)(\d{1,9}:\d{2}:\d{2}(?:\.\d{1,6})?)\s*$/);
    const units = (rest === null ? text : text.slice(0, rest.index)).trim();
    if (!/^(?:[+-]?\d{1,9}\s+(?:year|mon|month|day)s?\s*)*$/i.test(units) || text.trim() === '') return undefined;
    const sum = (unit: RegExp): number =>
      [...units.matchAll(unit)].reduce((total, [, count]) => total + Number(count), 0);
    const us = longTime(rest?.[2]) * (rest?.[1] === '-' ? -1n : 1n);
    const months = sum(/([+-]?\d+)\s+years?/gi) * 12 + sum(/([+-]?\d+)\s+mon(?:th)?s?/gi);
    return concat([int64(us), int32(sum(/([+-]?\d+)\s+days?/gi)), int32(months)]);
  },
};

function intervalText(us: bigint, days: number, months: number): string {
  const units = [
    [Math.trunc(months / 12), 'year'],
    [months % 12, 'mon'],
    [days, 'day'],
  ] as const;
  let text = '';
  let negative = false;
  for (const [count, unit] of units) {
    if (count === 0) continue;
    text += `${text === '' ? '' : ' '}${negative && count > 0 ? '+' : ''}${count} ${unit}${count === 1 ? '' : 's'}`;
    negative = count < 0;
  }
  if (us === 0n && text !== '') return text;
  const sign = us < 0n ? '-' : negative ? '+' : '';
  return `${text}${text === '' ? '' : ' '}${sign}${timeText(us < 0n ? -us : us)}`;
}

function infinity(text: string): 1 | -1 | undefined {
  const found = /^\s*([+-]?)infinity\s*$/i.exec(text);
  return found === null ? undefined : found[1] === '-' ? -1 : 1;
}

function parseStamp(text: string): { readonly days: number; readonly time: bigint; readonly zone: bigint } | undefined {
  const [, year, month, day, clock, zone, era] = STAMP.exec(text) ?? [];
  if (year === undefined || Number(year) === 0 || Number(month) > 12 || Number(day) > 31) return undefined;
  const astronomical = era === undefined ? Number(year) : 1 - Number(year);
  const us = clock === undefined ? 0n : parseTime(clock);
  if (us === undefined) return undefined;
  return { days: daysOf(astronomical, Number(month), Number(day)), time: us, zone: zoneUs(zone) };
}

function parseTime(text: string): bigint | undefined {
  const [, hour, minute, second = '0', fraction = ''] = TIME.exec(text) ?? [];
  if (hour === undefined || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return undefined;
  return (
    BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
  );
}

/** Hours of an interval have no end. */
function longTime(text = '0:00:00'): bigint {
  const [hours = '0', ...rest] = text.split(':');
  return BigInt(hours) * HOUR_US + (parseTime(`00:${rest.join(':')}`) ?? 0n);
}

function zoneUs(zone: string | undefined): bigint {
  const [, sign, hours, minutes = '0', seconds = '0'] = /^([+-])(\d{1,2}):?(\d{2})?:?(\d{2})?$/.exec(zone ?? '') ?? [];
  if (hours === undefined) return 0n;
  const us = BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000n;
  return sign === '-' ? -us : us;
}

function timeText(us: bigint): string {
  const fraction = us % 1_000_000n;
  const seconds = us / 1_000_000n;
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) => pad(part, 2)).join(':');
  return fraction === 0n ? clock : `${clock}.${pad(fraction, 6).replace(/0+$/, '')}`;
}

/** The date, and ` BC` or nothing. Years count from a March, so that the leap day is the last of its year; eras of 400 years are all alike. */
function dateText(daysSince2000: number): readonly [string, string] {
  const shifted = daysSince2000 + EPOCH_DAYS + 719_468;
  const era = Math.floor(shifted / 146_097);
  const day = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  );
  const dayOfYear = day - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const march = Math.floor((5 * dayOfYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const dayOfMonth = dayOfYear - Math.floor((153 * march + 2) / 5) + 1;
  return [`${pad(year > 0 ? year : 1 - year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`, year > 0 ? '' : ' BC'];
}

function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468 -
    EPOCH_DAYS
  );
}
