/**
 * Redis' own commands up to 8.0: where their keys stand and what they do, from COMMAND of a running server and
 * https://redis.io/docs/latest/commands/. What is not here (modules) has one key in front, as most of theirs do.
 */

/** What a command does to the data. `session`: only to its own connection. `server`: administration, or asks the server about itself. */
export type Effect = 'read' | 'write' | 'session' | 'transaction' | 'pubsub' | 'script' | 'server';

/** Positions of keys among the arguments, the command's name being 0. `numbered`: a count stands at `at`, the keys behind it. */
export type KeyRule =
  | { readonly kind: 'none' | 'streams' }
  | { readonly kind: 'range'; readonly first: number; readonly last: number; readonly step: number }
  | { readonly kind: 'numbered'; readonly at: number; readonly before?: number };

interface Group {
  readonly effect: Effect;
  readonly keys: KeyRule;
  readonly names: string;
}

const NONE: KeyRule = { kind: 'none' };
const range = (first: number, last: number, step = 1): KeyRule => ({ kind: 'range', first, last, step });
const ONE = range(1, 1);
const TWO = range(1, 2);
const ALL = range(1, -1);

const GROUPS: readonly Group[] = [
  {
    effect: 'read',
    keys: ONE,
    names: `BITCOUNT BITFIELD_RO BITPOS DUMP EXPIRETIME GEODIST GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET GETBIT
      GETRANGE HEXISTS HEXPIRETIME HGET HGETALL HKEYS HLEN HMGET HPEXPIRETIME HPTTL HRANDFIELD HSCAN HSTRLEN HTTL HVALS LINDEX LLEN LPOS
      LRANGE PEXPIRETIME PTTL SCARD SISMEMBER SMEMBERS SMISMEMBER SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR TTL TYPE XLEN XPENDING XRANGE
      XREVRANGE ZCARD ZCOUNT ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE ZREVRANGEBYLEX
      ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE`,
  },
  {
    effect: 'write',
    keys: ONE,
    names: `APPEND BITFIELD DECR DECRBY EXPIRE EXPIREAT GEOADD GEORADIUS GEORADIUSBYMEMBER GETDEL GETEX GETSET HDEL HEXPIRE HEXPIREAT HGETDEL
      HGETEX HINCRBY HINCRBYFLOAT HMSET HPERSIST HPEXPIRE HPEXPIREAT HSET HSETEX HSETNX INCR INCRBY INCRBYFLOAT LINSERT LPOP LPUSH LPUSHX LREM LSET
      LTRIM MOVE PERSIST PEXPIRE PEXPIREAT PFADD PSETEX RESTORE RESTORE-ASKING RPOP RPUSH RPUSHX SADD SET SETBIT SETEX SETNX SETRANGE SORT
      SPOP SREM XACK XACKDEL XADD XAUTOCLAIM XCLAIM XDEL XDELEX XSETID XTRIM ZADD ZINCRBY ZPOPMAX ZPOPMIN ZREM ZREMRANGEBYLEX
      ZREMRANGEBYRANK ZREMRANGEBYSCORE`,
  },
  { effect: 'read', keys: ALL, names: 'EXISTS MGET PFCOUNT SDIFF SINTER SUNION TOUCH' },
  { effect: 'read', keys: TWO, names: 'LCS' },
  { effect: 'read', keys: NONE, names: 'DBSIZE KEYS RANDOMKEY SCAN' },
  { effect: 'read', keys: { kind: 'numbered', at: 1 }, names: 'SINTERCARD ZDIFF ZINTER ZINTERCARD ZUNION' },
  { effect: 'read', keys: { kind: 'streams' }, names: 'XREAD' },
  { effect: 'write', keys: ALL, names: 'DEL PFMERGE SDIFFSTORE SINTERSTORE SUNIONSTORE UNLINK' },
  { effect: 'write', keys: range(1, -1, 2), names: 'MSET MSETNX' },
  {
    effect: 'write',
    keys: TWO,
    names: 'BLMOVE BRPOPLPUSH COPY GEOSEARCHSTORE LMOVE RENAME RENAMENX RPOPLPUSH SMOVE ZRANGESTORE',
  },
  { effect: 'write', keys: range(2, -1), names: 'BITOP' },
  { effect: 'write', keys: range(1, -2), names: 'BLPOP BRPOP BZPOPMAX BZPOPMIN' },
  { effect: 'write', keys: range(3, 3), names: 'MIGRATE' },
  { effect: 'write', keys: { kind: 'numbered', at: 1 }, names: 'LMPOP ZMPOP' },
  { effect: 'write', keys: { kind: 'numbered', at: 2 }, names: 'BLMPOP BZMPOP' },
  { effect: 'write', keys: { kind: 'numbered', at: 2, before: 1 }, names: 'ZDIFFSTORE ZINTERSTORE ZUNIONSTORE' },
  { effect: 'write', keys: { kind: 'streams' }, names: 'XREADGROUP' },
  { effect: 'write', keys: NONE, names: 'FLUSHALL FLUSHDB SWAPDB' },
  { effect: 'write', keys: range(2, 2), names: 'XGROUP' },
  { effect: 'read', keys: range(2, 2), names: 'OBJECT XINFO' },
  { effect: 'script', keys: { kind: 'numbered', at: 2 }, names: 'EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO' },
  { effect: 'script', keys: NONE, names: 'FUNCTION SCRIPT' },
  { effect: 'transaction', keys: NONE, names: 'DISCARD EXEC MULTI UNWATCH' },
  { effect: 'transaction', keys: ALL, names: 'WATCH' },
  { effect: 'pubsub', keys: NONE, names: 'PSUBSCRIBE PUBLISH PUBSUB PUNSUBSCRIBE SUBSCRIBE UNSUBSCRIBE' },
  { effect: 'pubsub', keys: ONE, names: 'SPUBLISH' },
  { effect: 'pubsub', keys: ALL, names: 'SSUBSCRIBE SUNSUBSCRIBE' },
  { effect: 'session', keys: NONE, names: 'ASKING AUTH CLIENT ECHO HELLO PING QUIT READONLY READWRITE RESET SELECT' },
  {
    effect: 'server',
    keys: NONE,
    names: `ACL BGREWRITEAOF BGSAVE CLUSTER COMMAND CONFIG DEBUG FAILOVER INFO LASTSAVE LATENCY LOLWUT MEMORY MODULE MONITOR PFDEBUG
      PFSELFTEST PSYNC REPLCONF REPLICAOF ROLE SAVE SENTINEL SHUTDOWN SLAVEOF SLOWLOG SYNC TIME WAIT WAITAOF`,
  },
];

export interface CommandRule {
  readonly effect: Effect;
  readonly keys: KeyRule;
}

const RULES: ReadonlyMap<string, CommandRule> = new Map(
  GROUPS.flatMap(({ names, effect, keys }) => names.split(/\s+/).map((name) => [name, { effect, keys }] as const)),
);

/** A module's command may write. */
const UNKNOWN: CommandRule = { effect: 'write', keys: ONE };

export function ruleOf(name: string): CommandRule {
  return RULES.get(name) ?? UNKNOWN;
}

export function isKnown(name: string): boolean {
  return RULES.has(name);
}

/** Commands whose second word belongs to their name. */
const CONTAINERS: ReadonlySet<string> = new Set(
  'ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SENTINEL SLOWLOG XGROUP XINFO'.split(
    ' ',
  ),
);

export function isContainer(name: string): boolean {
  return CONTAINERS.has(name);
}
