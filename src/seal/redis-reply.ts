/** What a Redis server answers, with everybody's secrets hidden: strings by the keys and fields that were asked for, errors by their looks. */
import type { Backend, Pairs } from '../wire/redis/backend.ts';
import { nameOf, type Frontend } from '../wire/redis/frontend.ts';
import { fullName, isSecretSetting, keysOf } from '../wire/redis/language/commands.ts';
import { textOf } from '../wire/redis/language/replies.ts';
import { redactText, SECRET, type Hiding } from './redis.ts';
import { hideLogged, hideMonitored } from './redis-logged.ts';

/** What a string of a reply is: a key, a value under a key and maybe in a field, or a password, or nobody knows what. */
type Place =
  | { readonly is: 'key' }
  | { readonly is: 'value'; readonly key: string; readonly field?: string }
  | { readonly is: 'secret' };

/** Replies that are keys, or begin with one. */
const KEYS: ReadonlySet<string> = new Set(['KEYS', 'RANDOMKEY', 'SCAN']);
const KEYED: ReadonlySet<string> = new Set([
  'BLPOP',
  'BRPOP',
  'BZPOPMIN',
  'BZPOPMAX',
  'LMPOP',
  'BLMPOP',
  'ZMPOP',
  'BZMPOP',
]);
/** Replies that are fields and values by turns, as a whole or in their entries. */
const PAIRED: ReadonlySet<string> = new Set(['HGETALL', 'CONFIG GET', 'SENTINEL CONFIG', 'HRANDFIELD', 'HSCAN']);
/** Settings by their names. */
const SETTINGS: ReadonlySet<string> = new Set(['CONFIG GET', 'SENTINEL CONFIG']);
/** EXEC: of commands that are not known, their own being gone in a hole of the recording. */
const SECRETS: ReadonlySet<string> = new Set(['ACL GENPASS', 'EXEC']);
/** Entries whose fourth item is a command. */
const LOGS: ReadonlySet<string> = new Set(['SLOWLOG', 'COMMANDLOG']);
const ENTRIES: ReadonlySet<string> = new Set(['XREAD', 'XREADGROUP', 'XRANGE', 'XREVRANGE', 'XCLAIM', 'XAUTOCLAIM']);

/** `asked`: what it answers; undefined for pushes and what is not known. */
export function hideReply(reply: Backend, asked: Frontend | undefined, hiding: Hiding): Backend {
  const walker = new ReplyHider(asked ?? NOTHING, hiding);
  return walker.reply(reply, walker.placeOf(0, 0));
}

/** What the server says about a reply: names that may be keys, and values. */
function hideAttributes(attributes: Pairs['entries'], hiding: Hiding): Pairs['entries'] {
  const walker = new ReplyHider(NOTHING, hiding);
  return attributes.map(([name, value]) => [
    walker.reply(name, { is: 'key' }, 1),
    value.kind === 'map'
      ? { kind: 'map', entries: hideAttributes(value.entries, hiding) }
      : walker.reply(value, fieldOf(walker.placeOf(0, 1), textOf(name)), 1),
  ]);
}

/** Its first word says what it is, which nobody wrote. Keys that have changed are hidden as those that are asked for. */
export function hidePush(push: Backend, hiding: Hiding): Backend {
  if (push.kind !== 'array' && push.kind !== 'push') return hideReply(push, undefined, hiding);
  const [kind, ...names] = push.items.map(textOf);
  const last = push.items.length - 1;
  const walker = new ReplyHider(NOTHING, hiding);
  const event = names.some((name) => name?.startsWith('__keyevent@') === true);
  const items = push.items.map((item, at) => {
    const isKey = at === last && at > 0 && (kind === 'invalidate' || event);
    return walker.reply(item, isKey ? { is: 'key' } : walker.placeOf(at, 1), 1);
  });
  return { ...push, items };
}

const NOTHING: Frontend = { kind: 'command', args: [], inline: false };

class ReplyHider {
  readonly #asked: Frontend;
  readonly #name: string;
  readonly #keys: readonly string[];
  readonly #hiding: Hiding;

  constructor(asked: Frontend, hiding: Hiding) {
    this.#asked = asked;
    this.#name = fullName(asked);
    this.#keys = keysOf(asked).map((at) => this.#word(at));
    this.#hiding = hiding;
  }

  reply(reply: Backend, place: Place, depth = 0): Backend {
    switch (reply.kind) {
      case 'simple':
        return { ...reply, data: hideMonitored(reply.data, this.#hiding) ?? this.#error(reply.data) };
      case 'bulk':
      case 'verbatim':
        return { ...reply, data: this.#string(reply.data, place) };
      case 'error':
      case 'bulk-error':
        return { ...reply, data: this.#error(reply.data) };
      case 'array':
      case 'set':
      case 'push':
        return { ...reply, items: this.#items(reply.items, place, depth) };
      case 'map':
        return { ...reply, entries: reply.entries.map(([name, value]) => this.#entry(name, value, place, depth)) };
      case 'attributed':
        return {
          ...reply,
          attributes: hideAttributes(reply.attributes, this.#hiding),
          reply: this.reply(reply.reply, place, depth),
        };
      case 'integer':
      case 'double':
      case 'big-number':
      case 'boolean':
      case 'null':
        return reply;
    }
  }

  /** Of the item at `at` of the whole reply. */
  placeOf(at: number, depth: number): Place {
    if (SECRETS.has(this.#name)) return { is: 'secret' };
    const name = nameOf(this.#asked);
    if (KEYS.has(name) || (KEYED.has(name) && at === 0 && depth > 0)) return { is: 'key' };
    const key = name === 'MGET' ? this.#keys[at] : this.#keys[0];
    const field = name === 'HGET' ? this.#word(2) : name === 'HMGET' ? this.#word(at + 2) : undefined;
    return { is: 'value', key: key ?? '', ...(field !== undefined && { field }) };
  }

  #items(items: readonly Backend[], place: Place, depth: number): readonly Backend[] {
    const paired = this.#paired(items, depth);
    return items.map((item, at) => {
      if (depth === 0 && this.#isChannel(at)) return item;
      if (paired && at % 2 === 1) return this.reply(item, this.#placeIn(place, items[at - 1]), depth + 1);
      if (depth === 1 && at === 3 && LOGS.has(nameOf(this.#asked)) && item.kind === 'array')
        return { ...item, items: hideLogged(item.items, this.#hiding) };
      if (depth === 1 && at === 0 && STREAMS.has(this.#name)) return this.reply(item, { is: 'key' }, depth + 1);
      return this.reply(item, depth === 0 ? this.placeOf(at, 1) : place, depth + 1);
    });
  }

  #paired(items: readonly Backend[], depth: number): boolean {
    if (items.length % 2 !== 0) return false;
    if (this.#name === 'ACL GETUSER') return depth === 0;
    if (PAIRED.has(this.#name)) return this.#name !== 'HSCAN' || depth === 1;
    return ENTRIES.has(this.#name) && items.every(({ kind }) => kind === 'bulk') && depth > 1;
  }

  #entry(name: Backend, value: Backend, place: Place, depth: number): readonly [Backend, Backend] {
    if (STREAMS.has(this.#name) && depth === 0)
      return [this.reply(name, { is: 'key' }), this.reply(value, place, depth + 1)];
    return [this.reply(name, place, depth + 1), this.reply(value, this.#placeIn(place, name), depth + 1)];
  }

  #placeIn(place: Place, name: Backend | undefined): Place {
    const field = textOf(name);
    return SETTINGS.has(this.#name) && isSecretSetting(field) ? { is: 'secret' } : fieldOf(place, field);
  }

  /** Names of subscriptions stay as they are in the question: they are keys there. */
  #isChannel(at: number): boolean {
    return this.#name.endsWith('SUBSCRIBE') && at === 0;
  }

  #string(data: Uint8Array, place: Place): Uint8Array {
    const { redact, opaque } = this.#hiding;
    // That there is none is no secret.
    if (place.is === 'secret') return data.length === 0 ? data : SECRET;
    if (this.#name === 'ACL LIST') return redactText(data, hidePasswords, opaque);
    if (place.is === 'key') return redactText(data, (text) => redact.key(text), opaque);
    return redactText(data, (text) => redact.stored(place.key, place.field, text), opaque);
  }

  /** A line stays one. */
  #error(data: Uint8Array): Uint8Array {
    const { redact, opaque } = this.#hiding;
    return redactText(data, (text) => redact.text(text).replace(/[\r\n]+/g, ' '), opaque);
  }

  #word(at: number): string {
    return Buffer.from(this.#asked.args[at] ?? []).toString('utf8');
  }
}

const STREAMS: ReadonlySet<string> = new Set(['XREAD', 'XREADGROUP']);

function fieldOf(place: Place, field: string | undefined): Place {
  return place.is !== 'value' || field === undefined ? place : { ...place, field };
}

/** `user kim on #2bb8… ~* +@all`: hashes behind a `#`. */
function hidePasswords(rules: string): string {
  return rules.replace(/(?<= )([#>])\S+/g, `$1${SECRET.toString()}`);
}
