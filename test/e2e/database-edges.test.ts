/** What services do with databases that other recorders answered wrongly: each was a bug of somebody's. Real Postgres, real driver. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type RunningPostgres } from '../support/postgres.ts';
import { recordPostgres, replayPostgres, withPool, type Target } from '../support/postgres-replay.ts';

let real: RunningPostgres;

beforeAll(async () => {
  real = await startPostgres();
  await withPool(real, 1, (pool) =>
    pool.query(`
      create table counter(name text primary key, value int);
      insert into counter values ('a', 0), ('b', 0);
      create sequence ticket;
      create table job(id int generated always as identity primary key, what text);
      create table parcel(id uuid primary key, what text);
      create sequence attempts;
      create function flaky() returns int language plpgsql as $$
        begin
          if nextval('attempts') % 3 <> 0 then raise exception 'try again' using errcode = '40001'; end if;
          return 7;
        end $$;`),
  );
});

afterAll(() => real.stop());

describe('tracer comments', () => {
  /** As sqlcommenter and its like write them: another trace with every statement, in front or behind. */
  const traced = (sql: string, front: boolean): string => {
    const comment = `/*traceparent='00-${randomUUID().replaceAll('-', '')}-00f067aa0ba902b7-01',route='%2Fjobs'*/`;
    return front ? `${comment} ${sql}` : `${sql} ${comment}`;
  };

  it('are no part of the question, wherever they stand', async () => {
    const work = (target: Target): Promise<unknown> =>
      withPool(target, 1, async (pool) => [
        (await pool.query(traced('select 1 as one', true))).rows,
        (await pool.query(traced('select $1::int as n', false), [2])).rows,
        (await pool.query({ name: 'three', text: traced('select 3 as three', false) })).rows,
      ]);
    const recorded = await recordPostgres(real, work);
    const replayed = await replayPostgres(recorded.conversations, work);
    expect(replayed.result).toEqual(recorded.result);
    expect(replayed.calls.map(({ grade }) => grade)).toEqual(['exact', 'exact', 'exact']);
  });
});

describe('a service that prepares its statements at start-up', () => {
  const SQL = 'select $1::int + 1 as next, now() > $2::timestamptz as late';

  /** Parse and Describe, without running it: what drivers do to know the types before the first request comes. */
  const prepare = (client: pg.Client): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      const told: string[] = [];
      const { connection } = client as unknown as { connection: PgConnection };
      const query = {
        submit: () => {
          connection.parse({ name: 'next', text: SQL, types: [] });
          connection.parsedStatements['next'] = SQL;
          connection.describe({ type: 'S', name: 'next' });
          connection.sync();
        },
        handleRowDescription: ({ fields }: { fields: readonly pg.FieldDef[] }) =>
          void told.push(...fields.map(({ name, dataTypeID }) => `${name}:${dataTypeID}`)),
        handleReadyForQuery: () => resolve(told),
        handleError: reject,
      };
      client.query(query as unknown as pg.Submittable);
    });

  interface PgConnection {
    /** Of which the driver believes that the server knows them. */
    readonly parsedStatements: Record<string, string>;
    parse(statement: object): void;
    describe(what: object): void;
    sync(): void;
  }

  const service = async (target: Target, mark = (): void => undefined): Promise<unknown> => {
    const client = new pg.Client({ ...target });
    await client.connect();
    const told = await prepare(client);
    mark();
    const answered = [1, 41].map((n) => client.query({ name: 'next', text: SQL, values: [n, new Date(0)] }));
    const rows = (await Promise.all(answered)).map((result): unknown => result.rows);
    await client.end();
    return { told, rows };
  };

  it('is told their types again, although the recording begins later', async () => {
    const recorded = await recordPostgres(real, service);
    expect(recorded.result).toEqual({
      told: ['next:23', 'late:16'],
      rows: [[{ next: 2, late: true }], [{ next: 42, late: true }]],
    });
    const replayed = await replayPostgres(recorded.conversations, service);
    expect(replayed.result).toEqual(recorded.result);
    expect(replayed.calls.map(({ grade }) => grade)).toEqual(['exact', 'exact']);
  });
});

describe('a retry', () => {
  const attempt = async (pool: pg.Pool): Promise<string> =>
    pool.query('select flaky() as value').then(
      ({ rows }) => JSON.stringify(rows),
      (error: unknown) => (error instanceof pg.DatabaseError ? String(error.code) : 'other'),
    );
  const untilItWorks = (most: number) => (target: Target) =>
    withPool(target, 1, async (pool) => {
      const seen: string[] = [];
      while (seen.length < most && !seen.at(-1)?.startsWith('[')) seen.push(await attempt(pool));
      return seen;
    });

  it('fails as often as it did, then works', async () => {
    const recorded = await recordPostgres(real, untilItWorks(5));
    expect(recorded.result).toEqual(['40001', '40001', '[{"value":7}]']);
    const { result, calls } = await replayPostgres(recorded.conversations, untilItWorks(5));
    expect(result).toEqual(recorded.result);
    expect(calls.map(({ grade }) => grade)).toEqual(['exact', 'exact', 'exact']);
  });

  it('of a write, more often than recorded, is missed and told so', async () => {
    const write = (times: number) => (target: Target) =>
      withPool(target, 1, async (pool) => {
        const done: string[] = [];
        for (let turn = 0; turn < times; turn += 1)
          await pool.query("update counter set value = value + 1 where name = 'a'").then(
            () => done.push('written'),
            () => done.push('refused'),
          );
        return done;
      });
    const { conversations } = await recordPostgres(real, write(1));
    const { result, calls } = await replayPostgres(conversations, write(2));
    expect(result).toEqual(['written', 'refused']);
    expect(calls.map(({ grade }) => grade)).toEqual(['exact', 'missed']);
    expect(calls[1]?.explanation?.join('\n')).toContain('served');
  });
});

describe('the same statement several times at once, each with a result of its own', () => {
  const draw = (target: Target, size: number): Promise<readonly string[]> =>
    withPool(target, size, async (pool) => {
      const drawn = await Promise.all(
        Array.from({ length: 8 }, () => pool.query<{ nextval: string }>("select nextval('ticket')")),
      );
      return drawn.flatMap(({ rows }) => rows.map(({ nextval }) => nextval));
    });

  it.each([1, 4, 9])('is answered with each of them once, by a pool of %i', async (size) => {
    const recorded = await recordPostgres(real, (target) => draw(target, 4));
    const { result, calls } = await replayPostgres(recorded.conversations, (target) => draw(target, size));
    expect(result.toSorted()).toEqual(recorded.result.toSorted());
    expect(new Set(result).size).toBe(8);
    expect(calls.map(({ grade }) => grade)).toEqual(Array.from({ length: 8 }, () => 'exact'));
  });
});

describe('reading back what was written', () => {
  it('by an id that the database made', async () => {
    const work = (target: Target): Promise<unknown> =>
      withPool(target, 3, async (pool) =>
        Promise.all(
          ['paint', 'glue', 'nail'].map(async (what) => {
            const made = await pool.query<{ id: number }>('insert into job(what) values ($1) returning id', [what]);
            const { rows } = await pool.query<object>('select id, what from job where id = $1', [made.rows[0]?.id]);
            return rows;
          }),
        ),
      );
    const recorded = await recordPostgres(real, work);
    const { result, calls, unused } = await replayPostgres(recorded.conversations, work);
    expect(result).toEqual(recorded.result);
    expect(new Set(calls.map(({ grade }) => grade))).toEqual(new Set(['exact']));
    expect(unused).toEqual([]);
  });

  it('by ids that the service makes itself, in another order: each finds its own row', async () => {
    const work =
      (order: readonly number[]) =>
      (target: Target): Promise<readonly string[]> =>
        withPool(target, 1, async (pool) => {
          const ids = ['paint', 'glue', 'nail'].map((what) => ({ id: randomUUID(), what }));
          for (const { id, what } of ids) await pool.query('insert into parcel values ($1, $2)', [id, what]);
          const found: string[] = [];
          for (const index of order) {
            const { rows } = await pool.query<{ id: string; what: string }>(
              'select id, what from parcel where id = $1',
              [ids[index]?.id],
            );
            found.push(`${rows[0]?.what} ${rows[0]?.id === ids[index]?.id ? 'mine' : 'another’s'}`);
          }
          return found;
        });
    const recorded = await recordPostgres(real, work([0, 1, 2]));
    const { result, calls } = await replayPostgres(recorded.conversations, work([2, 0, 1]));
    expect(calls.map(({ grade }) => grade)).toEqual(Array.from({ length: 6 }, () => 'normalised'));
    expect(result).toEqual(['nail mine', 'paint mine', 'glue mine']);
  });
});

describe('values that do not survive every spelling', () => {
  it('BLOBs, float bits, years of five digits: in text, in binary, as parameter and as result', async () => {
    const blob = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    const values = [
      blob,
      0.1 + 0.2,
      5e-324,
      -0,
      1.7976931348623157e308,
      '12026-12-31',
      '12026-12-31 23:59:59.999999+00',
    ];
    const sql =
      'select $1::bytea b, $2::float8 f, $3::float8 g, $4::float8 h, $5::float8 i, $6::date d, $7::timestamptz t';
    const raw = { getTypeParser: () => (value: unknown) => (Buffer.isBuffer(value) ? value.toString('hex') : value) };
    const work = (target: Target): Promise<unknown> =>
      withPool(target, 1, async (pool) => {
        const seen: unknown[] = [];
        for (const binary of [false, true])
          seen.push((await pool.query({ text: sql, values, binary, types: raw } as unknown as pg.QueryConfig)).rows);
        return seen;
      });
    const recorded = await recordPostgres(real, work);
    const { result, calls } = await replayPostgres(recorded.conversations, work);
    expect(result).toEqual(recorded.result);
    expect(JSON.stringify(result)).toContain('12026-12-31');
    expect(calls.map(({ grade }) => grade)).toEqual(['exact', 'exact']);
  });
});
