/**
 * What a reply is in the other version of the protocol. Scalars, maps and sets say themselves what they are in version 2 (`encodeBackend`);
 * here stands what only the command tells: which arrays of version 2 are maps, sets or pairs in version 3, and which strings are doubles.
 *
 * Read from the `reply_schema` of https://github.com/redis/redis/tree/7.4/src/commands and from addReplyDouble's callers.
 */
import type { Backend, RespVersion } from '../backend.ts';
import type { Frontend } from '../frontend.ts';
import { wordOf } from '../frontend.ts';
import { fullName } from './commands.ts';

/** Shape of a reply in version 3. `pairs`: a list of [member, score] instead of one flat list; `fields`: the same with plain values. */
type Shape =
  | 'map'
  | 'maps'
  | 'set'
  | 'double'
  | 'doubles'
  | 'pairs'
  | 'fields'
  | 'popped'
  | 'streams'
  | 'positions'
  | 'rank'
  | 'nested'
  | 'text';

const SHAPES: Readonly<Record<string, Shape>> = {
  HGETALL: 'map',
  'CONFIG GET': 'map',
  HELLO: 'map',
  'XINFO STREAM': 'map',
  'MEMORY STATS': 'map',
  'CLIENT TRACKINGINFO': 'map',
  'ACL GETUSER': 'map',
  'COMMAND DOCS': 'map',
  'FUNCTION STATS': 'map',
  'XINFO GROUPS': 'maps',
  'XINFO CONSUMERS': 'maps',
  'FUNCTION LIST': 'maps',
  'CLUSTER SHARDS': 'maps',
  'CLUSTER LINKS': 'maps',
  'SENTINEL MASTERS': 'maps',
  'SENTINEL REPLICAS': 'maps',
  'SENTINEL SENTINELS': 'maps',
  'SENTINEL MASTER': 'map',
  SMEMBERS: 'set',
  SINTER: 'set',
  SUNION: 'set',
  SDIFF: 'set',
  ZSCORE: 'double',
  ZINCRBY: 'double',
  ZMSCORE: 'doubles',
  BZPOPMIN: 'popped',
  BZPOPMAX: 'popped',
  XREAD: 'streams',
  XREADGROUP: 'streams',
  GEOPOS: 'positions',
  ZMPOP: 'nested',
  BZMPOP: 'nested',
  INFO: 'text',
  'CLIENT LIST': 'text',
  'CLIENT INFO': 'text',
  'CLUSTER INFO': 'text',
  'CLUSTER NODES': 'text',
};

const SCORED: ReadonlySet<string> = new Set(
  'ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANDMEMBER ZDIFF ZINTER ZUNION'.split(' '),
);

function shapeOf(asked: Pick<Frontend, 'args'>): Shape | undefined {
  const name = fullName(asked);
  const says = (word: string): boolean => asked.args.some((arg, at) => at > 0 && wordOf(arg) === word);
  if (SCORED.has(name)) return says('WITHSCORES') ? 'pairs' : undefined;
  if (name === 'HRANDFIELD') return says('WITHVALUES') ? 'fields' : undefined;
  if (name === 'ZPOPMIN' || name === 'ZPOPMAX') return asked.args.length > 2 ? 'pairs' : 'popped';
  if (name === 'ZADD') return says('INCR') ? 'double' : undefined;
  if (name === 'ZRANK' || name === 'ZREVRANK') return says('WITHSCORE') ? 'rank' : undefined;
  if (name === 'SPOP') return asked.args.length > 2 ? 'set' : undefined;
  if (name === 'LCS') return says('IDX') ? 'map' : undefined;
  return SHAPES[name];
}

/** Commands whose null is a null array in version 2. */
const NULL_ARRAY =
  /^(?:BLPOP|BRPOP|BLMPOP|BZMPOP|BZPOP(?:MIN|MAX)|LMPOP|ZMPOP|XREAD|XREADGROUP|EXEC|GEOPOS|SENTINEL GET-MASTER-ADDR-BY-NAME)$/;

function isOfArray(asked: Pick<Frontend, 'args'>): boolean {
  return NULL_ARRAY.test(fullName(asked)) || shapeOf(asked) === 'rank';
}

/** The reply to this command as a client expects it that speaks that version; unchanged when it is so already, or nothing is known of it. */
export function inVersion(reply: Backend, asked: Pick<Frontend, 'args'>, version: RespVersion): Backend {
  if (reply.kind === 'attributed') return { ...reply, reply: inVersion(reply.reply, asked, version) };
  // What was recorded in version 2 has said it.
  if (version === 2 && reply.kind === 'null' && reply.of === 'either')
    return { kind: 'null', of: isOfArray(asked) ? 'array' : 'bulk' };
  const shape = shapeOf(asked);
  if (shape === undefined) return reply;
  return version === 3 ? inThird(reply, shape) : inSecond(reply, shape);
}

function inThird(reply: Backend, shape: Shape): Backend {
  if (shape === 'double') return double(reply);
  if (shape === 'text') return reply.kind === 'bulk' ? { kind: 'verbatim', format: 'txt', data: reply.data } : reply;
  if (reply.kind !== 'array') return reply;
  const { items } = reply;
  switch (shape) {
    case 'map':
      return asMap(reply);
    case 'maps':
      return { kind: 'array', items: items.map(asMap) };
    case 'set':
      return { kind: 'set', items };
    case 'doubles':
      return { kind: 'array', items: items.map(double) };
    case 'pairs':
    case 'fields':
      return asPairs(items, shape);
    case 'popped':
    case 'rank':
      return {
        kind: 'array',
        items: items.map((item, at) => (at === items.length - 1 && at > 0 ? double(item) : item)),
      };
    case 'streams':
      return { kind: 'map', entries: items.flatMap(pairIn) };
    case 'positions':
      return { kind: 'array', items: items.map(listOf(double)) };
    case 'nested':
      return { kind: 'array', items: items.map(listOf(listOf(double, 1))) };
  }
}

function inSecond(reply: Backend, shape: Shape): Backend {
  const isPaired = reply.kind === 'array' && reply.items.every((item) => item.kind === 'array');
  if ((shape === 'pairs' || shape === 'fields') && isPaired)
    return { kind: 'array', items: reply.items.flatMap((item) => (item.kind === 'array' ? item.items : [item])) };
  if (shape === 'streams' && reply.kind === 'map')
    return { kind: 'array', items: reply.entries.map((entry) => ({ kind: 'array', items: [...entry] })) };
  if (shape === 'positions' && reply.kind === 'array')
    return {
      kind: 'array',
      items: reply.items.map((item) => (item.kind === 'null' ? { kind: 'null', of: 'array' } : item)),
    };
  return reply;
}

function asMap(reply: Backend): Backend {
  if (reply.kind !== 'array' || reply.items.length % 2 === 1) return reply;
  return { kind: 'map', entries: pairsOf(reply.items) };
}

function asPairs(items: readonly Backend[], shape: 'pairs' | 'fields'): Backend {
  if (items.length % 2 === 1 || items.some(({ kind }) => kind === 'array')) return { kind: 'array', items };
  const pair = ([one, other]: readonly [Backend, Backend]): Backend => ({
    kind: 'array',
    items: [one, shape === 'pairs' ? double(other) : other],
  });
  return { kind: 'array', items: pairsOf(items).map(pair) };
}

function pairsOf(items: readonly Backend[]): (readonly [Backend, Backend])[] {
  const pairs: (readonly [Backend, Backend])[] = [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    const [one, other] = [items[at], items[at + 1]];
    if (one !== undefined && other !== undefined) pairs.push([one, other]);
  }
  return pairs;
}

function pairIn(item: Backend): (readonly [Backend, Backend])[] {
  return item.kind === 'array' ? pairsOf(item.items) : [];
}

/** Applies `change` to the items of an array from `from` on. */
function listOf(change: (item: Backend) => Backend, from = 0): (list: Backend) => Backend {
  return (list) =>
    list.kind === 'array'
      ? { kind: 'array', items: list.items.map((item, at) => (at < from ? item : change(item))) }
      : list;
}

function double(reply: Backend): Backend {
  return reply.kind === 'bulk' ? { kind: 'double', text: Buffer.from(reply.data).toString('latin1') } : reply;
}
