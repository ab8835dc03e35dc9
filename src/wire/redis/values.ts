/** What a command asked with and what it was answered, as text: for whoever looks where values come from and go to. */
import type { Command } from '../../domain/conversation.ts';
import type { NamedValue } from '../protocol.ts';
import { decodeBackend, type Backend } from './backend.ts';
import { frameOf } from './framing.ts';
import { decodeFrontend, nameOf, type Frontend } from './frontend.ts';
import { effectOf, keysOf, secretsOf } from './language/commands.ts';
import { fieldsOf, nameOfArg, partsOfKey, valuesIn } from './language/values.ts';
import { textOf } from './language/replies.ts';

/** Strings of one answer looked at: what it is about stands in its first ones. */
const VALUES = 400;

/** Keys and their parts (`cart:7` is 7 of a cart), other arguments, and what JSON among them holds. */
export function askedValues(command: Command): readonly NamedValue[] {
  const asked = questionOf(command);
  if (asked === undefined || isHousekeeping(asked)) return [];
  const keys = new Set(keysOf(asked));
  const secrets = new Set(secretsOf(asked));
  const fields = fieldsOf(asked);
  return asked.args.slice(0, VALUES).flatMap((arg, at) => {
    if (at === 0 || secrets.has(at)) return [];
    const text = readable(arg);
    if (text === undefined) return [];
    return keys.has(at) ? partsOfKey(text) : valuesIn(nameOfArg(asked, at, fields), text);
  });
}

/** Strings of the answer, by the fields they stand behind, what JSON among them holds, messages that were pushed, and the text of an error. */
export function answeredValues({ request, response, error, pushed = [] }: Command): readonly NamedValue[] {
  if (error !== undefined) return [{ name: 'error', value: error.message }];
  const asked = questionOf({ request });
  // Its commands have their own replies.
  if (asked === undefined || nameOf(asked) === 'EXEC' || isHousekeeping(asked)) return [];
  const found: NamedValue[] = [];
  const reply = response.at(-1);
  if (reply !== undefined && !isSubscription(asked))
    collect(asked, decodeBackend(frameOf('server', reply)), 'redis', found);
  for (const { bytes } of pushed.slice(0, VALUES)) {
    const push = decodeBackend(frameOf('server', bytes));
    // What is told stands last: `message`, channel, payload.
    if (push?.kind === 'array' || push?.kind === 'push') collect(asked, push.items.at(-1), 'redis', found);
  }
  return found;
}

/** About the connection or the server, not about anybody's data. */
function isHousekeeping(asked: Frontend): boolean {
  const effect = effectOf(asked);
  return effect === 'session' || effect === 'server';
}

function isSubscription(asked: Frontend): boolean {
  return nameOf(asked).endsWith('SUBSCRIBE');
}

function questionOf({ request: [bytes] }: Pick<Command, 'request'>): Frontend | undefined {
  return bytes && decodeFrontend(frameOf('client', bytes));
}

function collect(asked: Frontend, reply: Backend | undefined, name: string, found: NamedValue[]): void {
  if (reply === undefined || found.length >= VALUES) return;
  switch (reply.kind) {
    case 'attributed':
      return collect(asked, reply.reply, name, found);
    case 'map':
      for (const [field, value] of reply.entries) collect(asked, value, textOf(field) ?? name, found);
      return;
    case 'array':
    case 'set':
    case 'push':
      return list(asked, reply.items, name, found);
    case 'null':
    case 'boolean':
      return;
    case 'simple':
      // `OK` and `QUEUED` are nobody's value.
      return;
    case 'bulk':
    case 'verbatim':
    case 'error':
    case 'bulk-error':
    case 'integer':
    case 'double':
    case 'big-number': {
      const text = textOf(reply);
      if (text !== undefined) found.push(...valuesIn(name, text));
    }
  }
}

/** Of a hash in version 2 every other is a field; of HMGET the fields stand in the question. */
function list(asked: Frontend, items: readonly Backend[], name: string, found: NamedValue[]): void {
  const command = nameOf(asked);
  const paired = command === 'HGETALL' && items.length % 2 === 0;
  for (const [at, item] of items.entries()) {
    if (paired && at % 2 === 0) continue;
    const field = paired ? textOf(items[at - 1]) : command === 'HMGET' ? readable(asked.args[at + 2]) : undefined;
    collect(asked, item, field ?? name, found);
  }
}

function readable(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length > 65_536) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('\ufffd') ? undefined : text;
}
