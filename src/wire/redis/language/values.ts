/** Values inside keys and strings: the parts of `cart:7`, the fields of a hash, what JSON holds. */
import type { NamedValue } from '../../protocol.ts';
import { nameOf, type Frontend } from '../frontend.ts';

/** The whole key, and each part of it by the name of the part before. */
export function partsOfKey(key: string): readonly NamedValue[] {
  const parts = key.split(/[:/|{}]+/).filter((part) => part !== '');
  const inside = parts.length < 2 ? [] : parts.slice(1).map((value, at) => ({ name: parts[at] ?? 'key', value }));
  return [{ name: 'key', value: key }, ...inside];
}

/** Commands whose arguments from a position on are fields and values by turns. */
const FIELDS: Readonly<Record<string, number>> = { HSET: 2, HMSET: 2, HSETNX: 2 };

/** Fields that arguments are values of, by their positions. */
export function fieldsOf({ args }: Pick<Frontend, 'args'>): ReadonlyMap<number, string> {
  const name = nameOf({ args });
  const fields = new Map<number, string>();
  const from = name === 'XADD' ? entryOf(args) : FIELDS[name];
  if (from === undefined) return fields;
  for (let at = from; at + 1 < args.length; at += 2) fields.set(at + 1, Buffer.from(args[at] ?? []).toString('utf8'));
  return fields;
}

/** Behind `NOMKSTREAM`, `MAXLEN ~ 1000`, `LIMIT 10` stands the id, and behind it the fields: an even number of them is left. */
function entryOf(args: readonly Uint8Array[]): number | undefined {
  const at = args.findIndex(
    (arg, index) => index > 1 && /^(\*|\d+-(\d+|\*))$/.test(Buffer.from(arg).toString('latin1')),
  );
  return at === -1 ? undefined : at + 1;
}

const STORED: Readonly<Record<string, number>> = { SET: 2, GETSET: 2, SETNX: 2, SETEX: 3, PSETEX: 3, APPEND: 2 };

/** The name an argument goes by: its field, or the first part of the key it is stored under. */
export function nameOfArg({ args }: Pick<Frontend, 'args'>, at: number, fields: ReadonlyMap<number, string>): string {
  const field = fields.get(at);
  if (field !== undefined) return field;
  if (STORED[nameOf({ args })] !== at) return 'redis';
  const [first] = Buffer.from(args[1] ?? [])
    .toString('utf8')
    .split(/[:/|{}]+/, 1);
  return first ?? 'redis';
}

/** Longer than this it is a document nobody looks through. */
const JSON_CHARACTERS = 65_536;
const LEAVES = 200;

/** The value by its name; of JSON its leaves by theirs. */
export function valuesIn(name: string, text: string): readonly NamedValue[] {
  const json = /^\s*[[{]/.test(text) && text.length <= JSON_CHARACTERS ? parsed(text) : undefined;
  if (json === undefined) return [{ name, value: text }];
  const found: NamedValue[] = [];
  const open: (readonly [string, unknown])[] = [[name, json]];
  for (let next = open.pop(); next !== undefined && found.length < LEAVES; next = open.pop()) {
    const [key, value] = next;
    if (Array.isArray(value)) for (const item of value) open.push([key, item]);
    else if (typeof value === 'object' && value !== null) open.push(...Object.entries(value));
    else if (typeof value === 'string' || typeof value === 'number') found.push({ name: key, value: String(value) });
  }
  return found;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
