/** Which kinds of reply a command can get: to notice that an answer is not the one to a command. */

const INTEGER = ':_';
const STRING = '$_=';
const LIST = '*_~>%';

const TYPES: readonly (readonly [types: string, names: string])[] = [
  [
    INTEGER,
    `APPEND BITCOUNT BITOP BITPOS COPY DBSIZE DECR DECRBY DEL EXISTS EXPIRE EXPIREAT EXPIRETIME GEOADD GETBIT HDEL HINCRBY HLEN HSET HSETNX
     HSTRLEN INCR INCRBY LASTSAVE LINSERT LLEN LPUSH LPUSHX LREM MOVE MSETNX PERSIST PEXPIRE PEXPIREAT PFADD PFCOUNT PTTL PUBLISH RENAMENX
     RPUSH RPUSHX SADD SCARD SDIFFSTORE SETBIT SETNX SETRANGE SINTERCARD SINTERSTORE SREM STRLEN SUNIONSTORE TOUCH TTL UNLINK WAIT XACK
     XDEL XLEN XTRIM ZCARD ZCOUNT ZREM ZREMRANGEBYSCORE`,
  ],
  [
    STRING,
    'BRPOPLPUSH DUMP GET GETDEL GETEX GETRANGE GETSET HGET HINCRBYFLOAT INCRBYFLOAT LINDEX LMOVE RPOPLPUSH SUBSTR',
  ],
  [
    LIST,
    `BLPOP BRPOP HGETALL HKEYS HMGET HSCAN HVALS KEYS LRANGE MGET SCAN SDIFF SINTER SMEMBERS SMISMEMBER SSCAN SUNION TIME XCLAIM XRANGE
     XREAD XREADGROUP XREVRANGE ZMSCORE ZRANGE ZRANGEBYSCORE ZREVRANGE ZSCAN`,
  ],
  [
    '+',
    'AUTH DISCARD FLUSHALL FLUSHDB HMSET LSET LTRIM MSET MULTI PSETEX QUIT RENAME RESET SELECT SETEX TYPE UNWATCH WATCH',
  ],
];

const KNOWN: ReadonlyMap<string, string> = new Map(
  TYPES.flatMap(([types, names]) => names.split(/\s+/).map((name) => [name, types] as const)),
);

/** True for what is not known. Every command may fail, inside MULTI be queued, and bring attributes. */
export function mayAnswer(name: string, type: string): boolean {
  return '-!+|'.includes(type) || (KNOWN.get(name)?.includes(type) ?? true);
}
