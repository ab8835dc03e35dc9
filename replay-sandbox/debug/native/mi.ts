/**
 * The lines gdb writes in its machine interface: one record each.
 * https://sourceware.org/gdb/current/onlinedocs/gdb.html/GDB_002fMI-Output-Syntax.html
 * What stands in them comes from the program being debugged: whatever cannot be read is a `fault`.
 */

export type MiValue = string | readonly MiValue[] | MiTuple;
export interface MiTuple {
  readonly [name: string]: MiValue;
}

export type MiRecord =
  /** The answer to the command with this token. `name`: done, running, connected, error, exit. */
  | { readonly kind: 'result'; readonly token: number | undefined; readonly name: string; readonly results: MiTuple }
  /** Something happened: `stopped`, `breakpoint-modified`. */
  | { readonly kind: 'event'; readonly name: string; readonly results: MiTuple }
  /** Text for a person. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'prompt' }
  | { readonly kind: 'fault' };

const FAULT: MiRecord = { kind: 'fault' };
/** gdb nests as deep as the program's values, which are strings by then: a handful of levels. */
const LEVELS = 64;

export function parseMi(line: string): MiRecord {
  if (/^\(gdb\) ?$/.test(line)) return { kind: 'prompt' };
  const [head = '', token = '', sign = ''] = /^(\d{0,9})([\^*+=~@&])/.exec(line) ?? [];
  if (head === '') return FAULT;
  const scanner: Scanner = { text: line, at: head.length };
  if ('~@&'.includes(sign)) {
    const text = parseString(scanner);
    return text === undefined ? FAULT : { kind: 'text', text };
  }
  const name = /^[\w-]+/.exec(line.slice(scanner.at))?.[0];
  if (name === undefined) return FAULT;
  scanner.at += name.length;
  const results = parseResults(scanner);
  if (results === undefined) return FAULT;
  return sign === '^'
    ? { kind: 'result', token: token === '' ? undefined : Number(token), name, results }
    : { kind: 'event', name, results };
}

/** The member as text; empty when it is none. */
export function textOf(tuple: MiValue | undefined, name: string): string {
  const value = memberOf(tuple, name);
  return typeof value === 'string' ? value : '';
}

export function memberOf(value: MiValue | undefined, name: string): MiValue | undefined {
  if (value === undefined || typeof value === 'string' || isList(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

export function listOf(value: MiValue | undefined): readonly MiValue[] {
  return value !== undefined && isList(value) ? value : [];
}

function isList(value: MiValue): value is readonly MiValue[] {
  return Array.isArray(value);
}

interface Scanner {
  readonly text: string;
  at: number;
}

/** `,name=value` to the end of the line. */
function parseResults(scanner: Scanner): MiTuple | undefined {
  const members: [string, MiValue][] = [];
  while (scanner.at < scanner.text.length) {
    if (scanner.text[scanner.at] !== ',') return undefined;
    scanner.at += 1;
    const member = parseMember(scanner, 0);
    if (member === undefined) return undefined;
    members.push(member);
  }
  return Object.fromEntries(members);
}

function parseMember(scanner: Scanner, level: number): [string, MiValue] | undefined {
  const pattern = /[\w.-]+=/y;
  pattern.lastIndex = scanner.at;
  const name = pattern.exec(scanner.text)?.[0];
  if (name === undefined) return undefined;
  scanner.at += name.length;
  const value = parseValue(scanner, level);
  return value === undefined ? undefined : [name.slice(0, -1), value];
}

function parseValue(scanner: Scanner, level: number): MiValue | undefined {
  if (level > LEVELS) return undefined;
  const first = scanner.text[scanner.at];
  if (first === '"') return parseString(scanner);
  if (first === '{') return parseGroup(scanner, '}', level, (members) => Object.fromEntries(members));
  // A list is one of values, or of results, whose names (all the same) say nothing.
  if (first === '[') return parseGroup(scanner, ']', level, (members) => members.map(([, value]) => value));
  return undefined;
}

function parseGroup(
  scanner: Scanner,
  end: '}' | ']',
  level: number,
  make: (members: readonly [string, MiValue][]) => MiValue,
): MiValue | undefined {
  const members: [string, MiValue][] = [];
  scanner.at += 1;
  while (scanner.text[scanner.at] !== end) {
    if (members.length > 0 && scanner.text[scanner.at++] !== ',') return undefined;
    // gdb lists some tuples' members without a name (locations after a breakpoint).
    const bare = '"{['.includes(scanner.text[scanner.at] ?? ' ');
    const value = bare ? parseValue(scanner, level + 1) : undefined;
    const member = bare
      ? value === undefined
        ? undefined
        : ([String(members.length), value] as [string, MiValue])
      : parseMember(scanner, level + 1);
    if (member === undefined) return undefined;
    members.push(member);
  }
  scanner.at += 1;
  return make(members);
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, e: 27 };

/** A C string; bytes beyond ASCII stand in octal, and are UTF-8 as a rule. */
function parseString(scanner: Scanner): string | undefined {
  const pattern = /"((?:[^"\\]|\\.)*)"/sy;
  pattern.lastIndex = scanner.at;
  const [whole, inner] = pattern.exec(scanner.text) ?? [];
  if (whole === undefined || inner === undefined) return undefined;
  scanner.at += whole.length;
  if (!inner.includes('\\')) return inner;
  const parts = inner.split(/(\\(?:[0-7]{3}|.))/s);
  const bytes = parts.map((part) => (part.startsWith('\\') ? Buffer.of(escaped(part.slice(1))) : Buffer.from(part)));
  return Buffer.concat(bytes).toString('utf8');
}

function escaped(text: string): number {
  return text.length === 3 ? Number.parseInt(text, 8) & 0xff : (ESCAPES[text] ?? text.charCodeAt(0));
}

/** An argument of a command, whatever it holds. */
export function quoteMi(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/[\r\n\0]/g, ' ')}"`;
}
