import type { Redis } from 'ioredis';

export interface Step {
  readonly name: string;
  readonly result: unknown;
}

export interface Given {
  readonly pool: readonly Redis[];
  /** A connection of its own, for what blocks or subscribes. */
  readonly connect: () => Redis;
  readonly token: () => string;
}

const UNLOCK = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`;

type Work = (given: Given, redis: Redis) => Promise<unknown>;

const WORK: Readonly<Record<string, Work>> = {
  strings,
  buffers: async (_, redis) => {
    await redis.set('io:raw', Buffer.from([0, 1, 13, 10, 255]));
    return (await redis.getBuffer('io:raw'))?.toString('hex');
  },
  collections,
  'auto-pipelined': async (_, redis) => await Promise.all(['a', 'b', 'c'].map((key) => redis.set(`io:p:${key}`, key))),
  pipeline: async (_, redis) =>
    outcomes(
      await redis.pipeline().set('io:n', 1).incr('io:n').lpush('io:n', 'x').hget('io:n', 'f').get('io:n').exec(),
    ),
  multi: async (_, redis) => outcomes(await redis.multi().incr('io:m').incrby('io:m', 5).get('io:m').exec()),
  'multi, one by one': async (_, redis) => {
    await redis.multi({ pipeline: false });
    const queued = [await redis.set('io:m2', 'x'), await redis.get('io:m2')];
    return [queued, await redis.exec()];
  },
  'multi with an error inside': async (_, redis) =>
    outcomes(await redis.multi().set('io:m3', 'x').lpush('io:m3', 'y').get('io:m3').exec()),
  'multi with a bad command': async (_, redis) => await caught(redis.multi().set('io:m4', 'x').call('NOPE').exec()),
  watch,
  discard: async (_, redis) => {
    await redis.multi({ pipeline: false });
    await redis.set('io:gone', 1);
    return [await redis.discard(), await redis.exists('io:gone')];
  },
  'pub/sub': pubsub,
  blocking,
  streams,
  scripts,
  lock: async ({ token }, redis) => {
    const mine = token();
    const taken = await redis.set('io:lock', mine, 'PX', 30_000, 'NX');
    const again = await redis.set('io:lock', token(), 'PX', 30_000, 'NX');
    return [taken, again, await redis.eval(UNLOCK, 1, 'io:lock', mine)];
  },
  scan,
  errors: async (_, redis) => [
    await caught(redis.lpush('io:text', 'x')),
    await caught(redis.call('NOPE', 'a')),
    await caught(redis.call('GET')),
    await caught(redis.incr('io:text')),
  ],
  'all at once': async ({ pool }) =>
    await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const client = pool[index % pool.length];
        return [index, await client?.incr(`io:c:${index}`), await client?.get(`io:c:${index}`)];
      }),
    ),
  'another database': async ({ connect }) => {
    const other = connect();
    const seen = [await other.select(1), await other.set('io:text', 'of one'), await other.get('io:text')];
    return [...seen, await other.quit()];
  },
  server: async (_, redis) => [
    await redis.ping(),
    await redis.echo('hello'),
    await redis.dbsize(),
    await redis.config('GET', 'maxmemory-policy'),
  ],
};

export async function workload(given: Given): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const [redis] = given.pool;
  if (redis === undefined) return steps;
  await redis.flushdb();
  for (const [name, work] of Object.entries(WORK)) steps.push({ name, result: await work(given, redis) });
  return steps;
}

async function strings(_: Given, redis: Redis): Promise<unknown> {
  return [
    await redis.set('io:text', 'grüße 🌍'),
    await redis.get('io:text'),
    await redis.get('io:none'),
    await redis.set('io:text', 'x', 'EX', 100, 'GET'),
    await redis.ttl('io:text'),
    await redis.mset({ 'io:1': 'one', 'io:2': 'two' }),
    await redis.mget('io:1', 'io:none', 'io:2'),
    await redis.incrbyfloat('io:float', 0.1),
    await redis.setrange('io:1', 1, 'NE'),
    await redis.getdel('io:1'),
    await redis.exists('io:1', 'io:2'),
  ];
}

async function collections(_: Given, redis: Redis): Promise<unknown> {
  return [
    await redis.hset('io:h', { name: 'bolt', price: '12.50', empty: '' }),
    await redis.hgetall('io:h'),
    await redis.hgetall('io:none'),
    await redis.hincrby('io:h', 'count', 2),
    await redis.rpush('io:l', 'a', 'b', 'c'),
    await redis.lrange('io:l', 0, -1),
    await redis.sadd('io:s', 'a', 'b'),
    (await redis.smembers('io:s')).toSorted(),
    await redis.sismember('io:s', 'b'),
    await redis.zadd('io:z', 1.5, 'one', 2, 'two'),
    await redis.zrange('io:z', '0', '-1', 'WITHSCORES'),
    await redis.zscore('io:z', 'one'),
    await redis.pfadd('io:pf', 'a', 'b'),
    await redis.geoadd('io:geo', 13.361389, 38.115556, 'Palermo'),
    await redis.geopos('io:geo', 'Palermo', 'Nowhere'),
  ];
}

/** Somebody else writes in between the first time. */
async function watch({ connect }: Given): Promise<unknown> {
  const redis = connect();
  const other = connect();
  await redis.set('io:w', 1);
  await redis.watch('io:w');
  const seen = await redis.get('io:w');
  await other.incr('io:w');
  const lost = await redis.multi().set('io:w', 10).exec();
  await redis.watch('io:w');
  const won = outcomes(await redis.multi().set('io:w', 11).get('io:w').exec());
  await Promise.all([redis.quit(), other.quit()]);
  return [seen, lost, won];
}

async function pubsub({ connect, pool: [publisher] }: Given): Promise<unknown> {
  const subscriber = connect();
  const heard: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    const hear = (...message: unknown[]): void => void (heard.push(message) === 3 && resolve());
    subscriber.on('message', hear);
    subscriber.on('pmessage', hear);
  });
  const counts = [await subscriber.subscribe('io:news', 'io:other'), await subscriber.psubscribe('io:n*')];
  const receivers = [await publisher?.publish('io:other', 'one'), await publisher?.publish('io:news', 'two')];
  await all;
  const left = [
    await subscriber.unsubscribe('io:news'),
    await subscriber.unsubscribe('io:other'),
    await subscriber.punsubscribe('io:n*'),
  ];
  return [counts, receivers, heard, left, await subscriber.ping(), await subscriber.quit()];
}

async function blocking({ connect, pool: [redis] }: Given): Promise<unknown> {
  const waiter = connect();
  await waiter.ping();
  const nothing = await waiter.blpop('io:q', 0.2);
  const popped = waiter.brpop('io:q', 'io:q2', 5);
  await waits(waiter, redis);
  await redis?.lpush('io:q2', 'job');
  const first = await popped;
  const smallest = waiter.bzpopmin('io:bz', 5);
  await redis?.zadd('io:bz', 3, 'three');
  const moved = [await redis?.lpush('io:q', 'a'), await waiter.blmove('io:q', 'io:q3', 'LEFT', 'RIGHT', 1)];
  const result = [nothing, first, await smallest, moved];
  await waiter.quit();
  return result;
}

/** Until the server has the question, as far as one can know: a round trip on another connection. */
async function waits(_waiter: Redis, redis: Redis | undefined): Promise<void> {
  await redis?.ping();
}

async function streams({ connect, pool: [redis] }: Given): Promise<unknown> {
  if (redis === undefined) return undefined;
  const reader = connect();
  const ids = [
    await redis.xadd('io:x', '1-1', 'sku', 'bolt', 'n', '1'),
    await redis.xadd('io:x', '2-1', 'sku', 'nut', 'n', '2'),
  ];
  const minted = (await redis.xadd('io:x', '*', 'sku', 'minted')) ?? '';
  const result = [
    ids,
    (await redis.xrange('io:x', minted, minted)).length,
    await redis.xlen('io:x'),
    await redis.xrange('io:x', '-', '2-1'),
    await redis.xgroup('CREATE', 'io:x', 'workers', '0'),
    await caught(redis.xgroup('CREATE', 'io:x', 'workers', '0')),
    await reader.xreadgroup('GROUP', 'workers', 'w1', 'COUNT', 2, 'STREAMS', 'io:x', '>'),
    await reader.xack('io:x', 'workers', '1-1'),
    await redis.xpending('io:x', 'workers'),
    await reader.xread('BLOCK', 100, 'STREAMS', 'io:none', '$'),
    await redis.xdel('io:x', minted),
  ];
  const next = reader.xread('BLOCK', 5000, 'STREAMS', 'io:y', '0');
  await redis.xadd('io:y', '5-5', 'late', 'yes');
  result.push(await next);
  await reader.quit();
  return result;
}

interface WithCommand {
  readonly addBoth: (key: string, one: number, two: number) => Promise<unknown>;
}

async function scripts({ connect }: Given): Promise<unknown> {
  const redis = connect();
  redis.defineCommand('addBoth', {
    numberOfKeys: 1,
    lua: "return {redis.call('incrby', KEYS[1], ARGV[1]), redis.call('incrby', KEYS[1], ARGV[2]), 'text', false}",
  });
  const own = redis as unknown as WithCommand;
  const result = [
    await own.addBoth('io:lua', 1, 2),
    await own.addBoth('io:lua', 3, 4),
    await caught(redis.eval("return redis.error_reply('CUSTOM it failed')", 0)),
    await caught(redis.evalsha('ffffffffffffffffffffffffffffffffffffffff', 0)),
    await redis.script('EXISTS', 'ffffffffffffffffffffffffffffffffffffffff'),
  ];
  await redis.quit();
  return result;
}

async function scan(_: Given, redis: Redis): Promise<unknown> {
  await redis.mset(Object.fromEntries(Array.from({ length: 40 }, (__, index) => [`io:scan:${index}`, String(index)])));
  await redis.hset(
    'io:big',
    Object.fromEntries(Array.from({ length: 30 }, (__, index) => [`f${index}`, String(index)])),
  );
  const keys = new Set<string>();
  for await (const found of redis.scanStream({ match: 'io:scan:*', count: 7 })) {
    for (const key of found as string[]) keys.add(key);
  }
  const fields: string[] = [];
  for await (const found of redis.hscanStream('io:big')) fields.push(...(found as string[]));
  return [[...keys].toSorted(), fields.length];
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return await promise.catch((error: unknown) => ({
    error: error instanceof Error ? error.message : String(error),
    previous: (error as { previousErrors?: readonly Error[] }).previousErrors?.map(({ message }) => message),
  }));
}

function outcomes(answers: readonly [Error | null, unknown][] | null): unknown {
  return answers?.map(([error, value]) => (error ? { error: error.message } : value)) ?? null;
}
