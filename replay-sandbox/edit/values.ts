/** A value inside one recorded answer. */
import type { Command } from '../../src/domain/conversation.ts';
import type { Header, Message } from '../../src/domain/exchange.ts';
import { bodyOf, header } from '../../src/domain/exchange.ts';
import { decodeContent } from '../../src/wire/http/content-encoding.ts';
import { decodeBackend, encodeBackend } from '../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../src/wire/postgres/framing.ts';
import type { Backend as Reply } from '../../src/wire/redis/backend.ts';
import { decodeBackend as decodeReply, encodeBackend as encodeReply } from '../../src/wire/redis/backend.ts';
import { frameOf } from '../../src/wire/redis/framing.ts';
import { ReplayError } from '../error.ts';
import type { CommandAnswer } from '../match/command.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import { isJsonObject, parseJson, textOfJson } from '../../src/domain/exact-json.ts';
import type { Change } from './change.ts';

const INFLATE_LIMIT = 16 * 1024 * 1024;

type Setting = Extract<Change, { readonly kind: 'set' }>;

export function changedHttp(answer: HttpAnswer, change: Change): HttpAnswer {
  if (change.kind === 'delay') return { ...answer, delayMs: change.ms };
  const { exchange } = answer;
  if (exchange.response === undefined) throw unfit(change, 'it was never answered');
  return { ...answer, exchange: { ...exchange, response: changedMessage(exchange.response, change) } };
}

function changedMessage(message: Message, change: Setting): Message {
  const { what, value } = change;
  if (what === 'status') return { ...message, headers: withHeader(message.headers, ':status', textOfJson(value)) };
  const [, name] = /^headers?\.(.+)$/.exec(what) ?? [];
  if (name !== undefined)
    return { ...message, headers: withHeader(message.headers, name.toLowerCase(), textOfJson(value)) };
  if (!what.startsWith('body')) throw unfit(change, 'an HTTP answer has status, headers.<name> and body');
  const bytes = Buffer.from(changedBody(message, change));
  const kept = message.headers.filter((one) => !/^(?:content-length|content-encoding|etag|digest)$/.test(one.name));
  return { ...message, headers: kept, body: [{ at: message.startedAt, bytes }] };
}

function changedBody(message: Message, change: Setting): string {
  const { what, value } = change;
  const path = stepsOf(what.slice('body'.length));
  if (path.length === 0) return textOfJson(value);
  const plain = decodeContent(bodyOf(message), header(message.headers, 'content-encoding'), INFLATE_LIMIT);
  const json = typeof plain === 'string' ? undefined : parseJson(Buffer.from(plain).toString('utf8'));
  if (json === undefined) throw unfit(change, 'the body is no JSON');
  return JSON.stringify(withValue(json, path, value, change));
}

/** `.lines[0].sku` → lines, 0, sku. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\.?([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) =>
    index === undefined ? (name ?? '') : Number(index),
  );
}

function withValue(
  json: unknown,
  [step, ...rest]: readonly (string | number)[],
  value: unknown,
  change: Setting,
): unknown {
  if (step === undefined) return value;
  if (Array.isArray(json) && typeof step === 'number' && step < json.length)
    return json.map((item: unknown, index) => (index === step ? withValue(item, rest, value, change) : item));
  if (!isJsonObject(json)) throw unfit(change, `nothing is at ${step}`);
  const known = Object.entries(json);
  const inner = known.find(([key]) => key === String(step))?.[1];
  if (inner === undefined && rest.length > 0) throw unfit(change, `nothing is at ${step}`);
  const others = known.map(
    ([key, one]) => [key, key === String(step) ? withValue(inner, rest, value, change) : one] as const,
  );
  return Object.fromEntries(inner === undefined ? [...known, [String(step), value]] : others);
}

function withHeader(headers: readonly Header[], name: string, value: string): readonly Header[] {
  const has = headers.some((one) => one.name === name);
  const changed = headers.map((one) => (one.name === name ? { name, value } : one));
  return has ? changed : [...changed, { name, value }];
}

export function changedCommand(answer: CommandAnswer, change: Change): CommandAnswer {
  if (change.kind === 'delay') return { ...answer, delayMs: change.ms };
  const { command } = answer;
  if (command.protocol === 'redis' && change.what === 'value')
    return { ...answer, command: withReply(command, change) };
  const [, index, column] = /^rows?(?:\[(\d+)\])?\.(\w+)$/.exec(change.what) ?? [];
  if (command.protocol !== 'postgres' || column === undefined)
    throw unfit(
      change,
      `an answer of ${command.protocol} has ${command.protocol === 'redis' ? 'value' : 'row[0].<column>'}`,
    );
  return {
    ...answer,
    command: withCell(command, { row: index === undefined ? undefined : Number(index), column }, change),
  };
}

function withReply(command: Command, change: Setting): Command {
  const { error: _error, ...rest } = command;
  const [first] = command.response;
  const reply = first && decodeReply(frameOf('server', first));
  // It has two replies, and the second is a part of EXEC's.
  if (reply?.kind === 'simple' && Buffer.from(reply.data).equals(QUEUED))
    throw unfit(change, 'it is inside MULTI, and EXEC answers for it');
  return { ...rest, response: [replyOf(reply, change)] };
}

const QUEUED = Buffer.from('QUEUED');

/** Of the kind it was, since drivers read `:0` otherwise than `$1 0`. */
function replyOf(recorded: Reply | undefined, change: Setting): Uint8Array {
  const { value } = change;
  if (recorded !== undefined && ('items' in recorded || recorded.kind === 'map' || recorded.kind === 'attributed'))
    throw unfit(change, 'it is a list of values, which is not edited');
  if (value === null) return Buffer.from('$-1\r\n');
  const text = textOfJson(value);
  if (recorded?.kind === 'integer') {
    if (!/^-?\d{1,19}$/.test(text)) throw unfit(change, 'it is an integer, and stays one');
    return Buffer.from(`:${text}\r\n`);
  }
  return encodeReply({ kind: 'bulk', data: Buffer.from(text) }, 2);
}

interface Cell {
  /** Undefined: of all rows. */
  readonly row: number | undefined;
  readonly column: string;
}

function withCell(command: Command, { row, column }: Cell, change: Setting): Command {
  const messages = command.response.map((bytes) => ({ bytes, read: decodeBackend(messageFrame(bytes)) }));
  const columns = messages.flatMap(({ read }) => (read?.kind === 'row-description' ? read.columns : []));
  const at = columns.findIndex(({ name }) => name === column);
  if (at < 0)
    throw unfit(change, `its columns are ${columns.map(({ name }) => name).join(', ') || 'not in the recording'}`);
  if (columns[at]?.format === 1) throw unfit(change, 'its driver asked for values in binary, which are not edited');
  let seen = -1;
  const response = messages.map(({ bytes, read }) => {
    if (read?.kind !== 'data-row') return bytes;
    seen += 1;
    if (row !== undefined && seen !== row) return bytes;
    const values = read.values.map((value, index) => (index === at ? cellOf(change.value) : value));
    return encodeBackend({ kind: 'data-row', values });
  });
  if (seen < (row ?? 0)) throw unfit(change, `it has ${seen + 1} rows`);
  return { ...command, response };
}

function cellOf(value: unknown): Uint8Array | null {
  if (value === null) return null;
  return Buffer.from(textOfJson(value));
}

function unfit({ answer, what }: Setting, why: string): ReplayError {
  return new ReplayError('bad-config', `${what} of "${answer}" cannot be set: ${why}.`, 'loopctl edit <id> --list');
}
