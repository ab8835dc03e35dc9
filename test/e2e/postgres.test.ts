import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation } from '../../src/domain/conversation.ts';
import { decodeBackend } from '../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../src/wire/postgres/framing.ts';
import { transcode } from '../../src/wire/postgres/language/types.ts';
import { postgres } from '../../src/wire/postgres/protocol.ts';
import { createAuthority } from '../../replay-sandbox/mocks/tls/authority.ts';
import { recordPostgres, replayPostgres, withPool, type Target } from '../support/postgres-replay.ts';
import { startPostgres, type RunningPostgres } from '../support/postgres.ts';

let real: RunningPostgres;

beforeAll(async () => {
  real = await startPostgres();
});

afterAll(async () => {
  await real.stop();
});

type Outcome = unknown;

async function outcome(query: Promise<pg.QueryResult | pg.QueryResult[]>): Promise<Outcome> {
  try {
    const results = [await query].flat();
    return results.map(({ command, rowCount, rows, fields }) => ({
      command,
      rowCount,
      rows: rows as unknown[],
      fields: fields.map(({ name, dataTypeID }) => `${name}:${dataTypeID}`),
    }));
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const { code, message, detail, constraint, position, severity } = error;
    return { code, message, detail, constraint, position, severity };
  }
}

async function prepareTables(pool: pg.Pool): Promise<void> {
  await pool.query(
    'drop table if exists item; create table item(id int primary key, name text unique, price numeric, tags text[], meta jsonb, raw bytea, sold date, at timestamptz, ratio float8, flag bool)',
  );
}

/** Everything a service does with a pool, each result kept. */
async function workload(pool: pg.Pool): Promise<Outcome[]> {
  const results: Outcome[] = [];
  const run = async (query: string | pg.QueryConfig, values?: unknown[]): Promise<void> => {
    results.push(await outcome(pool.query(query, values)));
  };
  await run('select 1 as one, null as nothing');
  await run('select 1 as a; select 2 as b, 3 as c');
  await run('');
  const insert =
    'insert into item(id, name, price, tags, meta, raw, sold, at, ratio, flag) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) returning *';
  await run(insert, [
    1,
    'bolt',
    '12.50',
    ['a', 'b "c"', ''],
    { deep: [1, { x: null }] },
    Buffer.from([0, 1, 255]),
    '2026-01-31',
    new Date('2026-01-31T10:20:30.456Z'),
    0.1,
    true,
  ]);
  await run(insert, [2, 'nut', '-0.0001', [], null, Buffer.alloc(0), '12026-12-31', new Date(0), 'NaN', false]);
  await run(insert, [3, null, null, null, null, null, null, null, null, null]);
  await run(insert, [4, 'nut', null, null, null, null, null, null, null, null]);
  await run('select * from item order by id /* traceparent=00-aaaa */');
  await run('select * from item where id = $1', [Number.NaN]);
  await run('selec 1');
  await run('select * from nowhere where id = $1', [1]);
  for (const id of [1, 2, 99, 1])
    await run({ name: 'get-item', text: 'select name, price from item where id = $1', values: [id] });
  await run({ text: 'select n, repeat($1, 1000) as text from generate_series(1, 500) n', values: ['x'] });
  await run({ text: 'select n from generate_series(1, 7) n', rows: 3 } as pg.QueryConfig);
  results.push(await Promise.all([1, 2, 3, 4, 5, 6].map((id) => transfer(pool, id))));
  results.push(await failInTransaction(pool));
  await run('select $1::text[] as list, $2::jsonb as doc, $3::interval as span, $4::uuid as id', [
    ['x', null],
    { a: 1 },
    '1 day 02:03:04',
    '0190b5a0-0000-7000-8000-000000000001',
  ]);
  await run('copy (select id from item order by id) to stdout');
  await run("listen news; notify news, 'extra'");
  return results;
}

/** Several at once, each in a transaction on its own connection. */
async function transfer(pool: pg.Pool, id: number): Promise<Outcome> {
  const client = await pool.connect();
  try {
    const seen = [
      await outcome(client.query('begin')),
      await outcome(client.query('select pg_sleep(0.02), $1::int as id', [id])),
    ];
    seen.push(
      await outcome(
        client.query('insert into item(id, name) values ($1, $2) returning id, name', [100 + id, `moved ${id}`]),
      ),
    );
    seen.push(
      await outcome(client.query('select count(*) from item where id = $1', [100 + id])),
      await outcome(client.query('commit')),
    );
    return seen;
  } finally {
    client.release();
  }
}

async function failInTransaction(pool: pg.Pool): Promise<Outcome> {
  const client = await pool.connect();
  try {
    const seen: Outcome[] = [];
    for (const sql of [
      'begin',
      'savepoint here',
      'insert into item(id) values (1)',
      'select 1',
      'rollback to here',
      'select 2 as again',
      'select 1/0',
      'commit',
    ]) {
      seen.push(await outcome(client.query(sql)));
    }
    seen.push(
      await outcome(client.query('begin')),
      await outcome(client.query('select $1::int', ['NaN'])),
      await outcome(client.query('rollback')),
    );
    return seen;
  } finally {
    client.release();
  }
}

describe('recording begins in the middle of connections', () => {
  it('statements prepared before are known, and replay on fresh connections', async () => {
    const get = (id: number): pg.QueryConfig => ({
      name: 'get-number',
      text: 'select $1::int as id, $2::text as name',
      values: [id, `n${id}`],
    });
    const recorded = await recordPostgres(real, (target, mark) =>
      withPool(target, 1, async (pool) => {
        await pool.query("set application_name = 'before'");
        await pool.query(get(1));
        mark();
        return [
          await outcome(pool.query(get(2))),
          await outcome(pool.query(get(3))),
          await outcome(pool.query('select 4 as four')),
        ];
      }),
    );
    const [conversation] = recorded.conversations;
    expect(conversation?.state.length).toBeGreaterThan(0);
    expect(Buffer.concat(conversation?.state.map(({ bytes }) => bytes) ?? []).includes('SCRAM')).toBe(false);
    expect(
      recorded.conversations
        .flatMap((conversation) => postgres.decodeCommands(conversation))
        .map(({ summary, rows }) => [summary, rows]),
    ).toEqual([
      ['select $1::int as id, $2::text as name', 1],
      ['select $1::int as id, $2::text as name', 1],
      ['select 4 as four', 1],
    ]);
    const replayed = await replayPostgres(recorded.conversations, (target) =>
      withPool(target, 2, async (pool) => [
        await outcome(pool.query(get(2))),
        await outcome(pool.query(get(3))),
        await outcome(pool.query('select 4 as four')),
      ]),
    );
    expect(replayed.result).toEqual(recorded.result);
    expect(replayed.calls.map(({ grade }) => grade)).toEqual(['exact', 'exact', 'exact']);
  });
});

describe('a service that goes another way than in production', () => {
  const ask = (target: Target, sql: string, values: unknown[]): Promise<Outcome> =>
    withPool(target, 1, (pool) => outcome(pool.query(sql, values)));

  it('other values: the recorded answer, and what differs', async () => {
    const { conversations } = await recordPostgres(real, (target) =>
      ask(target, 'select $1::text as name, $2::int as n', ['req-a', 5]),
    );
    const { result, calls } = await replayPostgres(conversations, (target) =>
      ask(target, 'select $1::text as name,\n  $2::int as n -- again', ['req-b', 5]),
    );
    expect(result).toMatchObject([{ rows: [{ name: 'req-a', n: 5 }] }]);
    expect(calls).toMatchObject([{ grade: 'drifted', explanation: ['$1: recorded "req-a", asked "req-b"'] }]);
  });

  it('another statement: an error that explains itself', async () => {
    const { conversations } = await recordPostgres(real, (target) =>
      ask(target, 'select 1 as one where $1::int = 1', [1]),
    );
    const { result, calls } = await replayPostgres(conversations, (target) =>
      ask(target, 'select 1 as two where $1::int = 1', [1]),
    );
    expect(result).toMatchObject({ code: 'XX000', message: 'loop replay: no recorded answer' });
    expect(calls).toMatchObject([{ grade: 'missed' }]);
  });

  it('a statement that never got its answer hangs', async () => {
    const { conversations } = await recordPostgres(real, async (target) => {
      const client = new pg.Client({ ...target });
      client.on('error', () => undefined);
      await client.connect();
      const hanging = client.query('select pg_sleep(60)').catch(() => undefined);
      await withPool(real, 1, (pool) => untilRunning(pool, 'select pg_sleep(60)'));
      void client.end();
      return hanging;
    });
    const { calls } = await replayPostgres(conversations, async (target) => {
      const client = new pg.Client({ ...target, query_timeout: 300 });
      client.on('error', () => undefined);
      await client.connect();
      await expect(client.query('select pg_sleep(60)')).rejects.toThrow('timeout');
      void client.end();
    });
    expect(calls).toMatchObject([
      { grade: 'exact', explanation: ['no answer was recorded: the statement hangs, as it did'] },
    ]);
  });
});

async function untilRunning(pool: pg.Pool, query: string): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query("select 1 from pg_stat_activity where query = $1 and state = 'active'", [
      query,
    ]);
    if (rowCount === 1) return;
  }
}

describe('text and binary forms of values', () => {
  const values = [
    ["'t'::bool", 16],
    ["'f'::bool", 16],
    ['(-32768)::int2', 21],
    ['2147483647::int4', 23],
    ['(-9223372036854775808)::int8', 20],
    ['4294967295::oid', 26],
    ...[
      '0',
      '-0',
      '1e15',
      '1e14',
      '123456789012345680',
      '0.0001',
      '0.00001',
      '0.1',
      '5e-324',
      '1.7976931348623157e308',
      'NaN',
      'Infinity',
      '-Infinity',
      '100',
      '-1.5',
    ].map((value) => [`'${value}'::float8`, 701] as const),
    ...['0.1', '1e6', '999999', '1e-5', '3.4028235e38', '1e-45', '16777216', 'NaN', '0.3'].map(
      (value) => [`'${value}'::float4`, 700] as const,
    ),
    ...[
      '0',
      '0.00',
      '-1',
      '12.50',
      '10000',
      '100000000',
      '0.0001',
      '0.00012345',
      '1e-20',
      '123456789.987654321',
      'NaN',
      'Infinity',
      '-Infinity',
      '99999999999999999999.9999',
      '-0.05',
      '1000000000000',
    ].map((value) => [`'${value}'::numeric`, 1700] as const),
    ["'déjà vu'::text", 25],
    ["'v'::varchar", 1043],
    ["'c '::bpchar", 1042],
    ["'n'::name", 19],
    ['\'{"a": 1}\'::json', 114],
    ['\'{"b": [1, null]}\'::jsonb', 3802],
    ["'0190b5a0-0000-7000-8000-000000000001'::uuid", 2950],
    ["'\\x00ff10'::bytea", 17],
    ...[
      '2026-01-31',
      '12026-12-31',
      '0001-01-01',
      '0044-03-15 BC',
      'infinity',
      '-infinity',
      '1582-10-10',
      '2000-02-29',
      '1900-03-01',
      '5874897-12-31',
    ].map((value) => [`'${value}'::date`, 1082] as const),
    ...[
      '2026-01-31 10:20:30.456',
      '12026-01-01 00:00:00',
      '1999-12-31 23:59:59.999999',
      '0001-01-01 00:00:00 BC',
      'infinity',
      '-infinity',
      '1969-07-20 20:17:40.1',
    ].flatMap(
      (value) =>
        [
          [`'${value}'::timestamp`, 1114],
          [`'${value}'::timestamptz`, 1184],
        ] as const,
    ),
    ["'24:00:00'::time", 1083],
    ["'01:02:03.04'::time", 1083],
    ...[
      '1 year 2 mons 3 days 04:05:06.789',
      '-1 days +02:03:00',
      '00:00:00',
      '1 mon',
      '-1 year -2 mons +3 days -04:05:06',
      '100:00:00',
      '2 days',
    ].map((value) => [`'${value}'::interval`, 1186] as const),
    ...[
      '10.0.0.1',
      '10.1.2.3/8',
      '2001:db8::1',
      '::',
      '::1',
      '::ffff:10.0.0.1',
      '1:0:0:2:0:0:0:3/64',
      '1:2:3:4:5:6:7:8',
      'fe80::',
    ].map((value) => [`'${value}'::inet`, 869] as const),
    ...['10.0.0.0/8', '10.0.0.1/32', '2001:db8::/32'].map((value) => [`'${value}'::cidr`, 650] as const),
    ["'{10.0.0.1,NULL}'::inet[]", 1041],
    ["'{1,NULL,3}'::int4[]", 1007],
    ["'{}'::text[]", 1009],
    ["array['a b', '', 'NULL', 'x\"y\\z', null, '{}']", 1009],
    ["'{{1,2},{3,4}}'::int8[]", 1016],
    ["'{1.50,NaN}'::numeric[]", 1231],
    ["'{2026-01-31,infinity}'::date[]", 1182],
    ['\'{"2026-01-31 10:00:00+00"}\'::timestamptz[]', 1185],
    ["'{t,f}'::bool[]", 1000],
    ['\'{"{\\"a\\": 1}"}\'::jsonb[]', 3807],
  ] as const;

  it('are those of the server itself', async () => {
    const { conversations } = await recordPostgres(real, (target) =>
      withPool(target, 1, async (pool) => {
        const text = `select ${values.map(([value], index) => `${value} as c${index}`).join(', ')}, $1::int as last`;
        const types = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;
        await pool.query({ text: 'set timezone to utc' });
        for (const binary of [false, true]) await pool.query({ text, values: [1], binary, types } as pg.QueryConfig);
      }),
    );
    const rows = conversations
      .flatMap((conversation) => postgres.decodeCommands(conversation))
      .flatMap(({ response }) => response.map((bytes) => decodeBackend(messageFrame(bytes))))
      .flatMap((message) => (message?.kind === 'data-row' ? [message.values] : []));
    expect(rows).toHaveLength(2);
    const [texts = [], binaries = []] = rows;
    const shown = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();
    values.forEach(([value, type], index) => {
      const [text, binary] = [texts[index] ?? new Uint8Array(0), binaries[index] ?? new Uint8Array(0)];
      expect([value, shown(transcode(binary, type, 1, 0))]).toEqual([value, shown(text)]);
      expect([value, Buffer.from(transcode(text, type, 0, 1) ?? []).toString('hex')]).toEqual([
        value,
        Buffer.from(binary).toString('hex'),
      ]);
    });
  });
});

describe('a workload of pg, recorded, the database stopped', () => {
  const prepared = async (pool: pg.Pool): Promise<Outcome[]> => {
    await prepareTables(pool);
    return workload(pool);
  };
  let recorded: { readonly result: Outcome[]; readonly conversations: readonly Conversation[] };

  beforeAll(async () => {
    const own = await startPostgres();
    try {
      recorded = await recordPostgres(own, (target) => withPool(target, 5, prepared));
    } finally {
      await own.stop();
    }
  });

  for (const max of [5, 1, 8]) {
    it(`a pool of 5 in the recording, of ${max} in the replay: the same results`, async () => {
      const { result, calls, unused } = await replayPostgres(recorded.conversations, (target) =>
        withPool(target, max, prepared),
      );
      expect(result).toEqual(recorded.result);
      expect(calls.filter(({ grade }) => grade !== 'exact' && grade !== 'synthesised')).toEqual([]);
      expect(unused).toEqual([]);
    });
  }

  it('by SCRAM bound to the channel, with a password that the sandbox knows', async () => {
    const authority = await createAuthority(Date.now());
    const ssl = { ca: authority.certificate, servername: 'localhost' };
    const insisting = (target: Target) => {
      const client = new pg.Client({ ...target, ssl, enableChannelBinding: true } as pg.ClientConfig);
      return client.connect().then(
        () => client.end().then(() => 'in'),
        (error: unknown) => (client.end().catch(() => undefined), String(error)),
      );
    };
    const passwords = ['another', 'whatever'];
    const { result } = await replayPostgres([], async (target) => [await insisting(target)], { authority, passwords });
    expect(result).toEqual(['in']);
  });

  it('over TLS, which the recorded server did not speak', async () => {
    const authority = await createAuthority(Date.now());
    const ssl = { ca: authority.certificate, servername: 'localhost' };
    const { result } = await replayPostgres(
      recorded.conversations,
      (target) => withPool({ ...target, ssl }, 3, prepared),
      {
        authority,
      },
    );
    expect(result).toEqual(recorded.result);
  });
});
