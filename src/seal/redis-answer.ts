/** What Redis answered, for everybody: strings hidden by the keys and fields that were asked for, passwords always; an item a line. */
import type { Command } from '../domain/conversation.ts';
import { decodeBackend, type Backend } from '../wire/redis/backend.ts';
import { frameOf } from '../wire/redis/framing.ts';
import { decodeFrontend } from '../wire/redis/frontend.ts';
import { fullName } from '../wire/redis/language/commands.ts';
import { textOf } from '../wire/redis/language/replies.ts';
import type { Redactor } from './redact.ts';
import { hideReply } from './redis-reply.ts';
import { beginning, shownValue, type Room } from './shown-value.ts';
import type { ReplyView } from './view-schema.ts';

/** Of one list or map. Even: fields and values come by turns. */
const ITEMS = 100;
const LINES = 200;
const MOST_INDENT = 32;

/** Undefined: no reply that can be read, an error (which the command has), or one whose parts stand with their own commands. */
export function viewReply({ request, response }: Command, redact: Redactor, room: Room): ReplyView | undefined {
  const [question] = request;
  const last = response.at(-1);
  const asked = question && decodeFrontend(frameOf('client', question));
  const reply = last && decodeBackend(frameOf('server', last));
  if (asked === undefined || reply === undefined || reply.kind === 'error' || reply.kind === 'bulk-error')
    return undefined;
  const name = fullName(asked);
  if (name === 'EXEC' || name.endsWith('SUBSCRIBE')) return undefined;
  const trimmer = new Trimmer(room);
  const opaque = (bytes: Uint8Array): Uint8Array => Buffer.from(`(${bytes.length} bytes)`);
  const hidden = hideReply(trimmer.reply(reply), asked, { redact, opaque });
  const lines = linesOf(hidden);
  const more = trimmer.left + Math.max(lines.length - LINES, 0);
  return { kind: 'reply', lines: lines.slice(0, LINES), ...(more > 0 && { linesMore: more }) };
}

/** Takes the beginning of a reply, before it is looked into. */
class Trimmer {
  /** Items that were left out. */
  left = 0;
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  reply(reply: Backend): Backend {
    switch (reply.kind) {
      case 'simple':
      case 'bulk':
      case 'verbatim':
        this.#room.take(reply.data.length);
        return { ...reply, data: beginning(reply.data) };
      case 'array':
      case 'set':
      case 'push':
        return { ...reply, items: this.#first(reply.items, 2, (item) => this.reply(item)) };
      case 'map':
        return {
          ...reply,
          entries: this.#first(reply.entries, 1, ([name, value]) => [this.reply(name), this.reply(value)] as const),
        };
      case 'attributed':
        return this.reply(reply.reply);
      case 'error':
      case 'bulk-error':
      case 'integer':
      case 'double':
      case 'big-number':
      case 'boolean':
      case 'null':
        this.#room.take(0);
        return reply;
    }
  }

  /** As many as there is room for, by so many at once: in the older protocol fields and values come by turns. */
  #first<Item>(items: readonly Item[], step: number, trim: (item: Item) => Item): readonly Item[] {
    const shown: Item[] = [];
    for (const [at, item] of items.slice(0, ITEMS).entries()) {
      if (at % step === 0 && this.#room.full) break;
      shown.push(trim(item));
    }
    this.left += items.length - shown.length;
    return shown;
  }
}

/** As redis-cli writes them; strings stand as they are. */
function linesOf(reply: Backend): readonly string[] {
  switch (reply.kind) {
    case 'array':
    case 'set':
    case 'push':
      return reply.items.length === 0 ? ['(empty)'] : reply.items.flatMap((item, at) => behind(`${at + 1}) `, item));
    case 'map':
      return reply.entries.length === 0
        ? ['(empty)']
        : reply.entries.flatMap(([name, value], at) => behind(`${at + 1}# ${linesOf(name).join(' ')} => `, value));
    case 'attributed':
      return linesOf(reply.reply);
    case 'integer':
      return [`(integer) ${reply.value}`];
    case 'boolean':
      return [`(${reply.value})`];
    case 'null':
      return ['(nil)'];
    case 'simple':
    case 'bulk':
    case 'verbatim':
    case 'error':
    case 'bulk-error':
    case 'double':
    case 'big-number':
      return [shownValue(textOf(reply) ?? '', (text) => text)];
  }
}

function behind(head: string, reply: Backend): readonly string[] {
  const [first = '', ...others] = linesOf(reply);
  return [head + first, ...others.map((line) => `${' '.repeat(Math.min(head.length, MOST_INDENT))}${line}`)];
}
