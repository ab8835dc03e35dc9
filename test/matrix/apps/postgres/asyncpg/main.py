"""A service on asyncpg, which speaks binary only. POST /run does all of it and says what the driver gave."""

import asyncio
import io
import json
import os
import traceback
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import ip_address
from uuid import UUID

import asyncpg

TARGET = {"host": os.environ["TARGET_HOST"], "port": int(os.environ["TARGET_PORT"])}
POOL = int(os.environ["POOL"])
REVERSED = os.environ.get("REVERSED") == "1"


def told(error):
    if isinstance(error, asyncpg.PostgresError):
        known = {name: getattr(error, name, None) for name in ("sqlstate", "detail", "constraint_name", "severity")}
        return {"type": type(error).__name__, "message": str(error), **known}
    return {"type": type(error).__name__}


async def outcome(work):
    try:
        result = await work
    except (asyncpg.PostgresError, asyncio.TimeoutError) as error:
        return told(error)
    return [dict(row) for row in result] if isinstance(result, list) else result


async def in_parallel(numbers, work):
    order = list(reversed(numbers)) if REVERSED else numbers
    return [result for _, result in sorted(zip(order, await asyncio.gather(*map(work, order))))]


async def create(pool):
    return await outcome(
        pool.execute(
            "create table as_item(id int primary key, name text unique, price numeric, tags text[], meta jsonb, raw bytea,"
            " sold date, at timestamptz, ratio float8, flag bool, ref uuid, wait interval, addr inet, hour time, small int2,"
            " big int8, tiny float4, grid int[])"
        )
    )


INSERT = "insert into as_item values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18) returning *"
BOLT = (
    *(1, "bolt", Decimal("12.50"), ["a", 'b "c"', ""], '{"deep": [1, {"x": null}]}', b"\x00\x01\xff"),
    *(date(2026, 1, 31), datetime(2026, 1, 31, 10, 20, 30, 456000, timezone.utc), 0.1, True),
    *(UUID("0190b5a0-0000-7000-8000-000000000001"), timedelta(days=1, hours=2), ip_address("10.0.0.1")),
    *(time(1, 2, 3, 40000), -7, 2**40, 0.25, [[1, 2], [3, None]]),
)


async def insert(pool):
    rest = (None,) * 15
    rows = [BOLT, (2, "nut", Decimal("-0.0001"), *rest), (3, "nut", None, *rest)]
    return [await outcome(pool.fetch(INSERT, *row)) for row in rows]


async def select(pool):
    return [
        await outcome(pool.fetch("select * from as_item order by id")),
        await pool.fetchval("select count(*) from as_item where price > $1", Decimal(1)),
        dict(await pool.fetchrow("select id, name from as_item where id = any($1::int[])", [1])),
    ]


async def refused(pool):
    return [
        await outcome(pool.fetch("selec 1")),
        await outcome(pool.fetch("select * from nowhere where id = $1", 1)),
        await outcome(pool.fetch("select 1 / $1::int as x", 0)),
    ]


async def prepared(pool):
    async with pool.acquire() as connection:
        statement = await connection.prepare("select name, price from as_item where id = $1")
        parameters = [kind.name for kind in statement.get_parameters()]
        columns = [f"{column.name}:{column.type.name}" for column in statement.get_attributes()]
        return [parameters, columns, [await outcome(statement.fetch(n % 3)) for n in range(6)]]


async def many(pool):
    await pool.executemany("insert into as_item(id, name) values ($1, $2)", [(n, f"many {n}") for n in range(10, 40)])
    failed = await outcome(pool.executemany("insert into as_item(id) values ($1)", [(50,), (1,), (51,)]))
    return [failed, await pool.fetchval("select count(*) from as_item where id >= 10")]


async def at_once(pool):
    async def transfer(number):
        async def work():
            async with pool.acquire() as connection:
                async with connection.transaction(isolation="repeatable_read"):
                    await connection.fetch("select pg_sleep(0.01), $1::int as id", number)
                    made = await connection.fetchval(
                        "insert into as_item(id, name) values ($1, $2) returning id", 100 + number, f"moved {number}"
                    )
                    if number == 3:
                        await connection.execute("select 1 / $1::int", 0)
                    return made

        return [number, await outcome(work())]

    return await in_parallel([1, 2, 3, 4, 5, 6], transfer)


async def nested(pool):
    async with pool.acquire() as connection:

        async def inner():
            async with connection.transaction():
                await connection.execute("insert into as_item(id) values (1)")

        async with connection.transaction():
            failure = await outcome(inner())
            return [failure, await connection.fetchval("select 'kept'")]


async def cursors(pool):
    async with pool.acquire() as connection, connection.transaction():
        seen = [row["n"] async for row in connection.cursor("select n from generate_series(1, $1) n", 10, prefetch=4)]
        cursor = await connection.cursor("select n from generate_series(1, 9) n")
        await cursor.forward(2)
        return [seen, [row["n"] for row in await cursor.fetch(3)], (await cursor.fetchrow())["n"]]


async def codecs(pool):
    async with pool.acquire() as connection:
        await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        value = await connection.fetchval("select $1::jsonb", {"a": [1, 2]})
        await connection.reset_type_codec("jsonb", schema="pg_catalog")
        return value


async def custom(pool):
    await pool.execute("create type as_mood as enum ('sad', 'glad')")
    await pool.execute("create type as_pair as (a int, b text)")
    return [
        await pool.fetchval("select $1::as_mood", "glad"),
        list(await pool.fetchval("select row(1, 'x')::as_pair")),
        await pool.fetchval("select array['sad']::as_mood[]"),
    ]


async def copied(pool):
    await pool.execute("create table as_copied(id int, note text, at timestamptz)")
    moment = datetime(2026, 1, 31, tzinfo=timezone.utc)
    told_in = await pool.copy_records_to_table("as_copied", records=[(n, f"note {n}", moment) for n in range(50)])
    text = io.BytesIO(b"60,sixty,2026-02-01\n")
    told_csv = await pool.copy_to_table("as_copied", source=text, format="csv")
    out = io.BytesIO()
    told_out = await pool.copy_from_query("select * from as_copied order by id desc limit $1", 3, output=out, format="csv")
    failed = await outcome(pool.copy_to_table("as_copied", source=io.BytesIO(b"none,x\n"), format="csv"))
    return [told_in, told_csv, told_out, out.getvalue().decode(), failed]


async def heard(pool):
    listener = await asyncpg.connect(**TARGET)
    seen = asyncio.Queue()
    hear = lambda connection, pid, channel, payload: seen.put_nowait([channel, payload])
    await listener.add_listener("as_news", hear)
    await pool.execute("select pg_notify('as_news', $1)", "hello")
    first = await asyncio.wait_for(seen.get(), 5)
    await listener.execute("notify as_news, 'own'")
    second = await asyncio.wait_for(seen.get(), 5)
    await listener.remove_listener("as_news", hear)
    await listener.close()
    return [first, second]


async def notices(pool):
    async with pool.acquire() as connection:
        seen = []
        hear = lambda connection, message: seen.append([message.severity, message.message])
        connection.add_log_listener(hear)
        await connection.execute("do $$ begin raise notice 'one %', 1; raise warning 'two'; end $$")
        await asyncio.sleep(0.05)
        connection.remove_log_listener(hear)
        return seen


async def cancelled(pool):
    async with pool.acquire() as connection:
        seen = await outcome(connection.fetch("select pg_sleep(20)", timeout=0.4))
        return [seen, await connection.fetchval("select 'after'")]


async def several(pool):
    return [await pool.execute("select 1; select 2"), await pool.execute("update as_item set flag = true where id < 3")]


STEPS = [
    *(create, insert, select, refused, prepared, many, at_once, nested, cursors, codecs, custom, copied, heard),
    *(notices, cancelled, several),
]


async def run():
    async with asyncpg.create_pool(**TARGET, min_size=POOL, max_size=POOL) as pool:
        return {"driver": "asyncpg", "steps": [{"name": step.__name__, "result": await step(pool)} for step in STEPS]}


async def respond(request):
    if request == "GET":
        return 200, {}
    try:
        return 500, await run()
    except Exception as error:
        return 503, {"error": repr(error), "trace": traceback.format_exc()}


async def serve(reader, writer):
    """Just enough HTTP: no bodies, a connection per request."""
    head = await reader.readuntil(b"\r\n\r\n")
    status, value = await respond(head.split(b" ")[0].decode())
    body = json.dumps(value, default=repr).encode()
    writer.write(
        b"HTTP/1.1 %d Said\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
        % (status, len(body), body)
    )
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


asyncio.run(main())
