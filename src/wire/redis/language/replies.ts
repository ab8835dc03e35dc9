/** What can be read off a reply: its error, how many items it has, the beginning of one that was cut. */
import type { CommandError } from '../../../domain/conversation.ts';
import type { Backend } from '../backend.ts';

/** The first word is the code: `WRONGTYPE`, `NOSCRIPT`, `MOVED`, `ERR`. The message is the whole line. */
export function errorIn(reply: Backend | undefined): CommandError | undefined {
  if (reply?.kind === 'attributed') return errorIn(reply.reply);
  if (reply?.kind !== 'error' && reply?.kind !== 'bulk-error') return undefined;
  const message = Buffer.from(reply.data).toString('utf8');
  return { code: /^\S{1,64}/.exec(message)?.[0] ?? 'ERR', message };
}

/** Fields and values come side by side in version 2, as a map in version 3. */
const PAIRED: ReadonlySet<string> = new Set(['HGETALL', 'CONFIG GET']);
const SCANNING: ReadonlySet<string> = new Set(['SCAN', 'HSCAN', 'SSCAN', 'ZSCAN']);

/** Items of the answer, where it is a list of them; a null list has none. */
export function itemsOf(name: string, reply: Backend | undefined): number | undefined {
  switch (reply?.kind) {
    case 'map':
      return name === 'XREAD' || name === 'XREADGROUP'
        ? entries(reply.entries.map(([, value]) => value))
        : reply.entries.length;
    case 'set':
    case 'push':
      return reply.items.length;
    case 'array':
      return ofArray(name, reply.items);
    case 'null':
      return reply.of === 'array' ? 0 : undefined;
    case 'attributed':
      return itemsOf(name, reply.reply);
    case 'simple':
    case 'bulk':
    case 'error':
    case 'bulk-error':
    case 'integer':
    case 'double':
    case 'big-number':
    case 'boolean':
    case 'verbatim':
    case undefined:
      return undefined;
  }
}

function ofArray(name: string, items: readonly Backend[]): number {
  if (PAIRED.has(name)) return items.length / 2;
  if (SCANNING.has(name)) return itemsOf(name === 'HSCAN' ? 'HGETALL' : '', items[1]) ?? 0;
  if (name !== 'XREAD' && name !== 'XREADGROUP') return items.length;
  return entries(items.map((stream) => (stream.kind === 'array' ? stream.items[1] : undefined)));
}

function entries(streams: readonly (Backend | undefined)[]): number {
  return streams.reduce((sum, stream) => sum + (itemsOf('', stream) ?? 0), 0);
}

/** The text of a string of any kind; undefined for what is none. */
export function textOf(reply: Backend | undefined): string | undefined {
  switch (reply?.kind) {
    case 'simple':
    case 'bulk':
    case 'verbatim':
    case 'error':
    case 'bulk-error':
      return Buffer.from(reply.data).toString('utf8');
    case 'integer':
      return String(reply.value);
    case 'double':
    case 'big-number':
      return reply.text;
    case 'array':
    case 'set':
    case 'push':
    case 'map':
    case 'attributed':
    case 'null':
    case 'boolean':
    case undefined:
      return undefined;
  }
}

/** The first strings of an array or push, which may be cut: those that are whole and not nested. */
export function firstStrings(bytes: Uint8Array, most: number): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = bytes.indexOf(0x0a) + 1;
  while (at > 0 && at < bytes.length && found.length < most) {
    const end = bytes.indexOf(0x0a, at) - 1;
    if (end < at) break;
    const line = bytes.subarray(at + 1, end);
    if (bytes[at] !== 0x24) {
      found.push(line);
      at = end + 2;
      continue;
    }
    const length = Number(Buffer.from(line).toString('latin1'));
    const start = end + 2;
    if (!(length >= 0) || start + length > bytes.length) break;
    found.push(bytes.subarray(start, start + length));
    at = start + length + 2;
  }
  return found;
}
