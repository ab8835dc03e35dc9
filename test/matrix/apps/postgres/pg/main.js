// A service on pg.Pool. POST /run does all of it and says what the driver gave.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';

const { PORT, TARGET_HOST, TARGET_PORT, POOL, REVERSED } = process.env;
const pool = new pg.Pool({ host: TARGET_HOST, port: Number(TARGET_PORT), max: Number(POOL) });

const shown = ({ command, rowCount, rows, fields }) => ({
  command,
  rowCount,
  rows,
  fields: fields.map(({ name, dataTypeID }) => `${name}:${dataTypeID}`),
});

const outcome = async (work) => {
  try {
    const result = await work;
    return Array.isArray(result) ? result.map(shown) : shown(result);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const { code, message, detail, hint, constraint, table, position, severity } = error;
    return { code, message, detail, hint, constraint, table, position, severity };
  }
};

const withClient = async (work) => {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
};

const inOrder = async (client, statements) => {
  const seen = [];
  for (const statement of statements) seen.push(await outcome(client.query(...[statement].flat(1))));
  return seen;
};

const INSERT =
  'insert into item(id, name, price, tags, meta, raw, sold, at, ratio, flag, ref, wait) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12) returning *';

const BOLT = {
  id: 1,
  name: 'bolt',
  price: '12.50',
  tags: ['a', 'b "c"', ''],
  meta: { deep: [1, { x: null }] },
  raw: Buffer.from([0, 1, 255]),
  sold: '2026-01-31',
  at: new Date('2026-01-31T10:20:30.456Z'),
  ratio: 0.1,
  flag: true,
  ref: '0190b5a0-0000-7000-8000-000000000001',
  wait: '1 day 02:03:04',
};

const ITEMS = [
  Object.values(BOLT),
  [2, 'nut', '-0.0001', [], null, Buffer.alloc(0), '12026-12-31', new Date(0), 'NaN', false, null, null],
  [3, null, null, null, null, null, null, null, null, null, null, null],
  [4, 'nut', null, null, null, null, null, null, null, null, null, null],
];

/** Each in a transaction on its own connection, all at once. */
const transfer = (id) =>
  withClient((client) =>
    inOrder(client, [
      'begin',
      ['select pg_sleep(0.02), $1::int as id', [id]],
      ['insert into item(id, name) values ($1, $2) returning id, name', [100 + id, `moved ${id}`]],
      ['select count(*) from item where id = $1', [100 + id]],
      id % 3 === 0 ? 'rollback' : 'commit',
    ]),
  );

const inParallel = (numbers, work) => {
  const order = REVERSED === '1' ? numbers.toReversed() : numbers;
  return Promise.all(order.map((number) => work(number).then((result) => [number, result]))).then((pairs) =>
    pairs.toSorted(([one], [other]) => one - other),
  );
};

const readByCursor = (size) =>
  withClient(async (client) => {
    const cursor = client.query(new Cursor('select n, n * $1::int as times from generate_series(1, 10) n', [3]));
    const parts = [];
    for (let rows = await cursor.read(size); rows.length > 0; rows = await cursor.read(size)) parts.push(rows);
    await cursor.close();
    return parts;
  });

const steps = {
  create: () =>
    outcome(
      pool.query(
        'create table item(id int primary key, name text unique, price numeric, tags text[], meta jsonb, raw bytea, sold date, at timestamptz, ratio float8, flag bool, ref uuid, wait interval)',
      ),
    ),
  insert: () =>
    inOrder(
      pool,
      ITEMS.map((values) => [INSERT, values]),
    ),
  select: () => outcome(pool.query('select * from item order by id /* traceparent=00-aaaa */')),
  several: () => outcome(pool.query('select 1 as a; select 2 as b, 3 as c')),
  nothing: () => outcome(pool.query('')),
  refused: () =>
    inOrder(pool, [
      'selec 1',
      ['select * from nowhere where id = $1', [1]],
      ['select * from item where id = $1', [Number.NaN]],
      ['select 1 / $1::int as x', [0]],
    ]),
  prepared: () =>
    inOrder(
      pool,
      [1, 2, 99, 1].map((id) => ({
        name: 'get-item',
        text: 'select name, price from item where id = $1',
        values: [id],
      })),
    ),
  binary: () =>
    outcome(pool.query({ text: 'select 7::int4 as n, 1.5::float8 as f, $1::text as t', values: ['x'], binary: true })),
  many: () => outcome(pool.query('select n, repeat($1, 1000) as text from generate_series(1, 300) n', ['x'])),
  atOnce: () => inParallel([1, 2, 3, 4, 5, 6], transfer),
  savepoint: () =>
    withClient((client) =>
      inOrder(client, [
        'begin isolation level serializable',
        'savepoint here',
        'insert into item(id) values (1)',
        'select 1',
        'rollback to here',
        'select 2 as again',
        'select 1/0',
        'commit',
      ]),
    ),
  cursor: () => readByCursor(4),
  declared: () =>
    withClient((client) =>
      inOrder(client, [
        'begin',
        'declare c cursor for select n from generate_series(1, 7) n',
        'fetch 3 from c',
        'fetch 3 from c',
        'fetch 3 from c',
        'close c',
        'commit',
      ]),
    ),
  copy: () =>
    withClient(async (client) => {
      await client.query('create table copied(id int, note text)');
      const rows = Array.from({ length: 50 }, (_, id) => `${id}\tnote ${id}\n`);
      await pipeline(Readable.from(rows), client.query(copyFrom('copy copied from stdin')));
      const broken = pipeline(
        Readable.from(['51\tx\n', 'none\ty\n']),
        client.query(copyFrom('copy copied from stdin')),
      );
      const error = await broken.then(
        () => undefined,
        ({ code, message }) => ({ code, message }),
      );
      return [
        error,
        await text(client.query(copyTo('copy (select * from copied order by id limit 5) to stdout csv header'))),
      ];
    }),
  notices: () =>
    withClient(async (client) => {
      const heard = [];
      const hear = ({ message, severity }) => heard.push({ message, severity });
      client.on('notice', hear);
      await client.query("do $$ begin raise notice 'one %', 1; raise warning 'two'; end $$");
      client.off('notice', hear);
      return heard;
    }),
  heard: () =>
    withClient(async (client) => {
      const heard = once(client, 'notification');
      await client.query('listen news');
      await pool.query('select pg_notify($1, $2)', ['news', 'hello']);
      const [{ channel, payload }] = await heard;
      await client.query('unlisten news');
      return { channel, payload };
    }),
  tooLong: () =>
    withClient(async (client) => {
      await client.query("set statement_timeout = '50ms'");
      const seen = await outcome(client.query('select pg_sleep(10)'));
      await client.query('reset statement_timeout');
      return seen;
    }),
};

async function run() {
  const results = [];
  for (const [name, step] of Object.entries(steps)) results.push({ name, result: await step() });
  return { driver: 'pg', steps: results };
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
