/** What SET and its kin do to the parameters of a session, and how the server words their values. */
import { identifier } from '../../../../src/wire/postgres/language/sql.ts';

export type Change =
  /** `value` undefined: the one the connection began with. */
  | { readonly kind: 'set'; readonly name: string; readonly value: string | undefined; readonly local: boolean }
  | { readonly kind: 'reset-all' };

const SET = /^SET (?:(SESSION|LOCAL) )?(?:("(?:[^"]|"")+"|[\w.$]+) ?(?:=| TO ) ?|(TIME ZONE|NAMES) ?)(.+)$/is;
const RESET = /^RESET (?:(TIME ZONE)|("(?:[^"]|"")+"|[\w.$]+))$/i;
const KEYWORDS: Readonly<Record<string, string>> = { 'TIME ZONE': 'timezone', NAMES: 'client_encoding' };

/** `sql`: normalised. `before`: values by name in lower case. Undefined for what changes no parameter, or in a way that is not known here. */
export function changeOf(sql: string, before: (name: string) => string | undefined): Change | undefined {
  if (/^(?:RESET|DISCARD) ALL$/i.test(sql)) return { kind: 'reset-all' };
  const [, zone, named] = RESET.exec(sql) ?? [];
  const reset = zone === undefined ? named && identifier(named) : 'timezone';
  if (reset !== undefined) return { kind: 'set', name: reset.toLowerCase(), value: undefined, local: false };
  const [, scope = '', spelled, keyword = '', text = ''] = SET.exec(sql) ?? [];
  const name = spelled === undefined ? KEYWORDS[keyword.toUpperCase()] : identifier(spelled).toLowerCase();
  if (name === undefined) return undefined;
  const local = /^LOCAL$/i.test(scope);
  if (/^DEFAULT$/i.test(text) || (name === 'timezone' && /^LOCAL$/i.test(text)))
    return { kind: 'set', name, value: undefined, local };
  const value = worded(name, wordsOf(text), before(name) ?? '');
  return value === undefined ? undefined : { kind: 'set', name, value, local };
}

const WORD = /'((?:[^']|'')*)'|("(?:[^"]|"")*")|([^\s,'"]+)/g;

interface Word {
  readonly text: string;
  /** Written without quotes. */
  readonly bare: boolean;
}

function wordsOf(text: string): readonly Word[] {
  return [...text.matchAll(WORD)].map(([, literal, quoted, bare = '']) => {
    if (literal !== undefined) return { text: literal.replaceAll("''", "'"), bare: false };
    return quoted === undefined ? { text: bare, bare: true } : { text: identifier(quoted), bare: false };
  });
}

/** As `SHOW` prints it. https://www.postgresql.org/docs/current/runtime-config-client.html */
function worded(name: string, words: readonly Word[], before: string): string | undefined {
  const text = words.map((word) => word.text).join(', ');
  switch (name) {
    case 'client_encoding':
      return encoding(text);
    case 'datestyle':
      return dateStyle(text, before);
    case 'timezone':
      return timeZone(text);
    case 'intervalstyle':
      return text.toLowerCase();
    case 'standard_conforming_strings':
    case 'default_transaction_read_only':
      return SWITCHES[text.toLowerCase()];
    case 'search_path':
      return words.map(schema).join(', ');
    default:
      return text;
  }
}

const SWITCHES: Readonly<Record<string, string>> = Object.fromEntries([
  ...['on', 'true', 'yes', '1', 't', 'y'].map((word) => [word, 'on'] as const),
  ...['off', 'false', 'no', '0', 'f', 'n'].map((word) => [word, 'off'] as const),
]);

const ENCODINGS: Readonly<Record<string, string>> = { UNICODE: 'UTF8', SQLASCII: 'SQL_ASCII', EUCJP: 'EUC_JP' };

function encoding(text: string): string {
  const plain = text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const known = ENCODINGS[plain] ?? plain.replace(/^(?:WINDOWS|CP)(\d+)$/, 'WIN$1');
  return known.replace(/^ISO88591$/, 'LATIN1');
}

const STYLES: Readonly<Record<string, string>> = { iso: 'ISO', sql: 'SQL', postgres: 'Postgres', german: 'German' };
const ORDERS: Readonly<Record<string, string>> = {
  mdy: 'MDY',
  us: 'MDY',
  noneuro: 'MDY',
  noneuropean: 'MDY',
  dmy: 'DMY',
  euro: 'DMY',
  european: 'DMY',
  ymd: 'YMD',
};

/** Style and order of the fields; what is not said stays as it was. */
function dateStyle(text: string, before: string): string {
  const said = text.toLowerCase().split(/[\s,]+/);
  const [style = 'ISO', order = 'MDY'] = before.split(', ');
  const styled = said.map((word) => STYLES[word]).findLast((word) => word !== undefined);
  const ordered = said.map((word) => ORDERS[word]).findLast((word) => word !== undefined);
  return `${styled ?? style}, ${ordered ?? (styled === 'German' ? 'DMY' : order)}`;
}

/** A number counts hours east of Greenwich, which POSIX writes with the other sign. */
function timeZone(text: string): string | undefined {
  const [, sign = '', hours = ''] = /^([+-]?)(\d{1,2})$/.exec(text) ?? [];
  if (hours !== '') {
    const two = hours.padStart(2, '0');
    return sign === '-' ? `<-${two}>+${two}` : `<+${two}>-${two}`;
  }
  if (/^interval\b/i.test(text)) return undefined;
  if (/^[a-z]{3}(?:\d[a-z]{3})?$/i.test(text)) return text.toUpperCase();
  const zone = text.toLowerCase();
  return Intl.supportedValuesOf('timeZone').find((known) => known.toLowerCase() === zone) ?? text;
}

function schema({ text, bare }: Word): string {
  const name = bare ? text.toLowerCase() : text;
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
