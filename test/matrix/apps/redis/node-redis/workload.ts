import { WatchError } from 'redis';
import type { Client } from './client.ts';

export interface Step {
  readonly name: string;
  readonly result: unknown;
}

export interface Given {
  readonly pool: readonly Client[];
  /** A connection of its own, for what blocks or subscribes. */
  readonly connect: () => Promise<Client>;
  readonly token: () => string;
}

const UNLOCK = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`;

type Work = (given: Given, redis: Client) => Promise<unknown>;

const WORK: Readonly<Record<string, Work>> = {
  strings,
  collections,
  'auto-pipelined': async (_, redis) => await Promise.all(['a', 'b', 'c'].map((key) => redis.set(`nr:p:${key}`, key))),
  multi: async (_, redis) =>
    await redis.multi().incr('nr:m').incrBy('nr:m', 5).get('nr:m').hSet('nr:mh', 'a', '1').hGetAll('nr:mh').exec(),
  'multi with an error inside': async (_, redis) =>
    await caught(redis.multi().set('nr:m3', 'x').lPush('nr:m3', 'y').get('nr:m3').exec()),
  'multi with a bad command': async (_, redis) =>
    await caught(redis.multi().set('nr:m4', 'x').addCommand(['NOPE']).exec()),
  pipeline: async (_, redis) => await redis.multi().set('nr:n', '1').incr('nr:n').get('nr:n').execAsPipeline(),
  watch,
  'pub/sub': pubsub,
  blocking,
  streams,
  scripts,
  lock: async ({ token }, redis) => {
    const mine = token();
    const options = { condition: 'NX', expiration: { type: 'PX', value: 30_000 } } as const;
    const taken = await redis.set('nr:lock', mine, options);
    const again = await redis.set('nr:lock', token(), options);
    return [taken, again, await redis.eval(UNLOCK, { keys: ['nr:lock'], arguments: [mine] })];
  },
  scan,
  errors: async (_, redis) => [
    await caught(redis.lPush('nr:text', 'x')),
    await caught(redis.sendCommand(['NOPE', 'a'])),
    await caught(redis.sendCommand(['GET'])),
    await caught(redis.incr('nr:text')),
  ],
  'all at once': async ({ pool }) =>
    await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const client = pool[index % pool.length];
        return [index, await client?.incr(`nr:c:${index}`), await client?.get(`nr:c:${index}`)];
      }),
    ),
  server: async (_, redis) => [
    await redis.ping(),
    await redis.echo('hello'),
    await redis.dbSize(),
    await redis.configGet('maxmemory-policy'),
    await redis.clientGetName(),
  ],
};

export async function workload(given: Given): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const [redis] = given.pool;
  if (redis === undefined) return steps;
  await redis.flushDb();
  for (const [name, work] of Object.entries(WORK)) steps.push({ name, result: await work(given, redis) });
  return steps;
}

async function strings(_: Given, redis: Client): Promise<unknown> {
  return [
    await redis.set('nr:text', 'grüße 🌍'),
    await redis.get('nr:text'),
    await redis.get('nr:none'),
    await redis.set('nr:text', 'x', { expiration: { type: 'EX', value: 100 }, GET: true }),
    await redis.ttl('nr:text'),
    await redis.mSet({ 'nr:1': 'one', 'nr:2': 'two' }),
    await redis.mGet(['nr:1', 'nr:none', 'nr:2']),
    await redis.incrByFloat('nr:float', 0.1),
    await redis.getDel('nr:1'),
    await redis.exists(['nr:1', 'nr:2']),
  ];
}

async function collections(_: Given, redis: Client): Promise<unknown> {
  return [
    await redis.hSet('nr:h', { name: 'bolt', price: '12.50', empty: '' }),
    await redis.hGetAll('nr:h'),
    await redis.hGetAll('nr:none'),
    await redis.rPush('nr:l', ['a', 'b', 'c']),
    await redis.lRange('nr:l', 0, -1),
    await redis.sAdd('nr:s', ['a', 'b']),
    (await redis.sMembers('nr:s')).toSorted(),
    await redis.sIsMember('nr:s', 'b'),
    await redis.smIsMember('nr:s', ['a', 'z']),
    await redis.zAdd('nr:z', [
      { score: 1.5, value: 'one' },
      { score: Infinity, value: 'two' },
    ]),
    (await redis.zRangeWithScores('nr:z', 0, -1)).map(({ value, score }) => [value, String(score)]),
    await redis.zScore('nr:z', 'one'),
    await redis.zmScore('nr:z', ['one', 'none']),
    await redis.zIncrBy('nr:z', 2.25, 'one'),
    await redis.zPopMin('nr:z'),
    await redis.geoAdd('nr:geo', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' }),
    await redis.geoPos('nr:geo', ['Palermo', 'Nowhere']),
  ];
}

/** Somebody else writes in between the first time. */
async function watch({ connect }: Given): Promise<unknown> {
  const [redis, other] = [await connect(), await connect()];
  await redis.set('nr:w', '1');
  await redis.watch('nr:w');
  const seen = await redis.get('nr:w');
  await other.incr('nr:w');
  const lost = await redis
    .multi()
    .set('nr:w', '10')
    .exec()
    .catch((error: unknown) => (error instanceof WatchError ? 'watched key changed' : String(error)));
  await redis.watch('nr:w');
  const won = await redis.multi().set('nr:w', '11').get('nr:w').exec();
  await Promise.all([redis.close(), other.close()]);
  return [seen, lost, won];
}

async function pubsub({ connect, pool: [publisher] }: Given): Promise<unknown> {
  const subscriber = await connect();
  const heard: unknown[] = [];
  const all = Promise.withResolvers<void>();
  const hear = (text: string, channel: string): void => {
    if (heard.push([channel, text]) === 3) all.resolve();
  };
  await subscriber.subscribe(['nr:news', 'nr:other'], hear);
  await subscriber.pSubscribe('nr:n*', hear);
  const receivers = [await publisher?.publish('nr:other', 'one'), await publisher?.publish('nr:news', 'two')];
  await all.promise;
  // In version 3 a subscriber goes on asking.
  const meanwhile = await subscriber.get('nr:text');
  await subscriber.unsubscribe('nr:news');
  await subscriber.pUnsubscribe();
  await subscriber.close();
  return [receivers, heard, meanwhile];
}

async function blocking({ connect, pool: [redis] }: Given): Promise<unknown> {
  const waiter = await connect();
  const nothing = await waiter.blPop('nr:q', 0.2);
  const popped = waiter.brPop(['nr:q', 'nr:q2'], 5);
  await redis?.ping();
  await redis?.lPush('nr:q2', 'job');
  const first = await popped;
  const smallest = waiter.bzPopMin('nr:bz', 5);
  await redis?.zAdd('nr:bz', { score: 3.5, value: 'three' });
  const result = [nothing, first, await smallest];
  await waiter.close();
  return result;
}

async function streams({ connect, pool: [redis] }: Given): Promise<unknown> {
  if (redis === undefined) return undefined;
  const reader = await connect();
  const ids = [await redis.xAdd('nr:x', '1-1', { sku: 'bolt' }), await redis.xAdd('nr:x', '2-1', { sku: 'nut' })];
  const minted = await redis.xAdd('nr:x', '*', { sku: 'minted' });
  const result: unknown[] = [
    ids,
    (await redis.xRange('nr:x', minted, minted))?.length,
    await redis.xLen('nr:x'),
    await redis.xRange('nr:x', '-', '2-1'),
    await redis.xGroupCreate('nr:x', 'workers', '0'),
    await caught(redis.xGroupCreate('nr:x', 'workers', '0')),
    await reader.xReadGroup('workers', 'w1', { key: 'nr:x', id: '>' }, { COUNT: 2 }),
    await reader.xAck('nr:x', 'workers', '1-1'),
    await redis.xPending('nr:x', 'workers'),
    await reader.xRead({ key: 'nr:none', id: '$' }, { BLOCK: 100 }),
    (await redis.xInfoGroups('nr:x'))?.map((group) => group.name),
  ];
  const next = reader.xRead({ key: 'nr:y', id: '0' }, { BLOCK: 5000 });
  await redis.xAdd('nr:y', '5-5', { late: 'yes' });
  result.push(await next);
  await reader.close();
  return result;
}

async function scripts({ connect }: Given): Promise<unknown> {
  const redis = await connect();
  const result = [
    await redis.addBoth('nr:lua', 1, 2),
    await redis.addBoth('nr:lua', 3, 4),
    await caught(redis.eval("return redis.error_reply('CUSTOM it failed')")),
    await caught(redis.evalSha('ffffffffffffffffffffffffffffffffffffffff')),
    await redis.eval('redis.setresp(3); return {double=3.25}'),
    await redis.eval('redis.setresp(3); return {map={a=true}}'),
  ];
  await redis.close();
  return result;
}

async function scan(_: Given, redis: Client): Promise<unknown> {
  await redis.mSet(Object.fromEntries(Array.from({ length: 40 }, (__, index) => [`nr:scan:${index}`, String(index)])));
  await redis.hSet(
    'nr:big',
    Object.fromEntries(Array.from({ length: 30 }, (__, index) => [`f${index}`, String(index)])),
  );
  const keys = new Set<string>();
  for await (const found of redis.scanIterator({ MATCH: 'nr:scan:*', COUNT: 7 }))
    for (const key of found) keys.add(key);
  const fields: string[] = [];
  for await (const found of redis.hScanIterator('nr:big')) fields.push(...found.map(({ field }) => field));
  return [[...keys].toSorted(), fields.length];
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return await promise.catch((error: unknown) => ({
    error: error instanceof Error ? error.message : String(error),
    replies: (error as { replies?: readonly unknown[] }).replies?.map(String),
  }));
}
