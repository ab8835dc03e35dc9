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
const FIELDS: Readonly<Record<string, number>> = { HSET: 2, HMSET: 2, HSETNX: 2, XADD: 3 };

/** Names that arguments go by, by their positions: values by their fields. */
export function namesOfArgs(command: Pick<Frontend, 'args'>): ReadonlyMap<number, string> {
  const { args } = command;
  const name = nameOf(command);
  const names = new Map<number, string>();
  const from = name === 'XADD' ? entryOf(args) : FIELDS[name];
  if (from === undefined) return keyNamed(command, names);
  for (let at = from; at + 1 < args.length; at += 2) names.set(at + 1, Buffer.from(args[at] ?? []).toString('utf8'));
  return names;
}

/** Behind `NOMKSTREAM`, `MAXLEN ~ 1000`, `LIMIT 10` stands the id, and behind it the fields: an even number of them is left. */
function entryOf(args: readonly Uint8Array[]): number | undefined {
  const at = args.findIndex(
    (arg, index) => index > 1 && /^(\*|\d+-(\d+|\*))$/.test(Buffer.from(arg).toString('latin1')),
  );
  return at === -1 ? undefined : at + 1;
}

/** Where a string is stored, it goes by the first part of its key. */
const STORED: Readonly<Record<string, number>> = { SET: 2, GETSET: 2, SETNX: 2, SETEX: 3, PSETEX: 3, APPEND: 2 };

function keyNamed({ args }: Pick<Frontend, 'args'>, names: Map<number, string>): ReadonlyMap<number, string> {
  const at = STORED[nameOf({ args })];
  const [first] = Buffer.from(args[1] ?? [])
    .toString('utf8')
    .split(/[:/|{}]+/);
  if (at !== undefined && first !== undefined) names.set(at, first);
  return names;
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
