// A service on postgres.js, which pipelines and prepares everything. POST /run does all of it and says what the driver gave.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';

const { PORT, TARGET_HOST, TARGET_PORT, POOL, REVERSED } = process.env;
const notices = [];
const sql = postgres({
  host: TARGET_HOST,
  port: Number(TARGET_PORT),
  max: Number(POOL),
  onnotice: ({ severity, message }) => notices.push({ severity, message }),
});

const outcome = async (query) => {
  try {
    const result = await query;
    return {
      count: result.count,
      command: result.command,
      rows: [...result],
      columns: result.columns?.map(({ name, type }) => `${name}:${type}`),
    };
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const { code, message, detail, constraint_name: constraint, severity, position } = error;
    return { code, message, detail, constraint, severity, position };
  }
};

const inParallel = async (numbers, work) => {
  const order = REVERSED === '1' ? numbers.toReversed() : numbers;
  const pairs = await Promise.all(order.map(async (number) => [number, await work(number)]));
  return pairs.toSorted(([one], [other]) => one - other);
};

const rejected = (promise) =>
  promise.then(
    (value) => ({ value }),
    ({ code, message }) => ({ code, message }),
  );

const steps = {
  create: () =>
    outcome(
      sql`create table thing(id int primary key, name text unique, price numeric, tags text[], meta jsonb, raw bytea, sold date, at timestamptz, ratio float8, flag bool, ref uuid, addr inet)`,
    ),
  insert: async () => [
    await outcome(
      sql`insert into thing ${sql({ id: 1, name: 'bolt', price: '12.50', tags: ['a', 'b "c"', ''], meta: sql.json({ deep: [1, { x: null }] }), raw: Buffer.from([0, 1, 255]), sold: '2026-01-31', at: new Date('2026-01-31T10:20:30.456Z'), ratio: 0.1, flag: true, ref: '0190b5a0-0000-7000-8000-000000000001', addr: '10.0.0.1' })} returning *`,
    ),
    await outcome(
      sql`insert into thing ${sql(
        [
          { id: 2, name: 'nut' },
          { id: 3, name: null },
        ],
        'id',
        'name',
      )} returning id, name`,
    ),
    await outcome(sql`insert into thing ${sql({ id: 4, name: 'nut' })}`),
  ],
  select: async () => [
    await outcome(sql`select * from thing where id in ${sql([1, 2, 3])} order by id`),
    await outcome(sql`select ${sql(['id', 'name'])} from ${sql('thing')} where name = ${'bolt'} or price > ${'1.5'}`),
    await outcome(sql`update thing set price = price + ${1} where id = ${1} returning price`),
    await outcome(sql`delete from thing where id = ${99}`),
  ],
  pipelined: () =>
    inParallel([1, 2, 3, 4, 5, 6, 7, 8], (id) =>
      outcome(sql`select ${id}::int as id, name from thing where id = ${id}`),
    ),
  refused: async () => [
    await outcome(sql`selec 1`),
    await outcome(sql`select * from nowhere where id = ${1}`),
    await outcome(sql`select 1 / ${0}::int as x`),
  ],
  simple: async () => [
    await outcome(sql`select 1 as a; select 2 as b`.simple()),
    await outcome(sql.unsafe('select 3 as c; select 4 as d')),
  ],
  values: () => sql`select id, name from thing order by id`.values(),
  transactions: () =>
    inParallel([1, 2, 3, 4, 5], (id) =>
      rejected(
        sql.begin(async (tx) => {
          const [{ id: made }] =
            await tx`insert into thing(id, name) values (${100 + id}, ${`moved ${id}`}) returning id`;
          await tx`select pg_sleep(0.01), ${id}::int as id`;
          if (id === 3) await tx`insert into thing(id) values (${1})`;
          return made;
        }),
      ),
    ),
  savepoint: () =>
    rejected(
      sql.begin('read write', async (tx) => {
        const inner = await rejected(tx.savepoint((sp) => sp`insert into thing(id) values (${1})`));
        const [row] = await tx`select ${'kept'}::text as kept`;
        return { inner, row };
      }),
    ),
  together: () => rejected(sql.begin((tx) => [tx`select ${1}::int as one`, tx`select ${2}::int as two`])),
  cursor: async () => {
    const parts = [];
    await sql`select n from generate_series(1, 10) n`.cursor(4, (rows) => void parts.push(rows.map(({ n }) => n)));
    return parts;
  },
  each: async () => {
    const seen = [];
    await sql`select n from generate_series(1, 5) n`.forEach(({ n }) => seen.push(n));
    return seen;
  },
  described: async () => {
    const { string, types, columns } = await sql`select id, name, price from thing where id = ${1}`.describe();
    return { string, types, columns: columns.map(({ name, type }) => `${name}:${type}`) };
  },
  copy: async () => {
    await sql`create table copied2(id int, note text)`;
    const rows = Array.from({ length: 50 }, (_, id) => `${id}\tnote ${id}\n`);
    await pipeline(Readable.from(rows), await sql`copy copied2 from stdin`.writable());
    return text(await sql`copy (select * from copied2 order by id limit 5) to stdout`.readable());
  },
  notices: async () => {
    notices.length = 0;
    await sql`do $$ begin raise notice 'one %', 1; raise warning 'two'; end $$`.simple();
    return [...notices];
  },
  heard: async () => {
    const heard = Promise.withResolvers();
    const listening = await sql.listen('news', heard.resolve);
    await sql.notify('news', 'hello');
    const payload = await heard.promise;
    await listening.unlisten();
    return payload;
  },
  cancelled: async () => {
    const query = sql`select pg_sleep(20)`;
    const seen = rejected(query);
    setTimeout(() => query.cancel(), 300);
    return [await seen, await outcome(sql`select 'after' as after`)];
  },
};

async function run() {
  const results = [];
  for (const [name, step] of Object.entries(steps)) results.push({ name, result: await step() });
  return { driver: 'postgres-js', steps: results };
}

createServer(async (request, response) => {
  const answer = (status, value) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/ready') return answer(200, {});
  return run().then(
    (value) => answer(500, value),
    (error) => answer(503, { error: String(error), stack: error.stack }),
  );
}).listen(Number(PORT), '127.0.0.1');
