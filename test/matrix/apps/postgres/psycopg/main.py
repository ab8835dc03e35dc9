"""A service on psycopg 3. POST /run does all of it and says what the driver gave."""

import json
import os
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

TARGET = f"host={os.environ['TARGET_HOST']} port={os.environ['TARGET_PORT']}"
POOL = int(os.environ["POOL"])
REVERSED = os.environ.get("REVERSED") == "1"


def shown(cursor):
    rows = cursor.fetchall() if cursor.description else None
    columns = [f"{c.name}:{c.type_code}" for c in cursor.description or []]
    return {"rows": rows, "columns": columns, "count": cursor.rowcount, "status": cursor.statusmessage}


def told(error):
    diag = error.diag
    return {
        "type": type(error).__name__,
        "code": error.sqlstate,
        "message": diag.message_primary,
        "detail": diag.message_detail,
        "constraint": diag.constraint_name,
        "severity": diag.severity,
    }


def outcome(work):
    try:
        return work()
    except psycopg.Error as error:
        return told(error)


def in_parallel(numbers, work):
    order = list(reversed(numbers)) if REVERSED else numbers
    with ThreadPoolExecutor(len(numbers)) as threads:
        return [result for _, result in sorted(zip(order, threads.map(work, order)))]


def create(pool):
    with pool.connection() as connection:
        return shown(
            connection.execute(
                "create table py_item(id int primary key, name text unique, price numeric, tags text[], meta jsonb,"
                " raw bytea, sold date, at timestamptz, ratio float8, flag bool, ref uuid, wait interval, addr inet)"
            )
        )


INSERT = "insert into py_item values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning *"
BOLT = (
    *(1, "bolt", Decimal("12.50"), ["a", 'b "c"', ""], Jsonb({"deep": [1, {"x": None}]}), b"\x00\x01\xff"),
    *(date(2026, 1, 31), datetime(2026, 1, 31, 10, 20, 30, 456000, timezone.utc), 0.1, True),
    *(UUID("0190b5a0-0000-7000-8000-000000000001"), timedelta(days=1, hours=2), ip_address("10.0.0.1")),
)


def insert(pool):
    def one(values):
        with pool.connection() as connection:
            return shown(connection.execute(INSERT, values))

    rest = (None,) * 10
    return [outcome(lambda v=v: one(v)) for v in (BOLT, (2, "nut", Decimal("-0.0001"), *rest), (3, "nut", None, *rest))]


def select(pool):
    with pool.connection() as connection:
        text = shown(connection.execute("select * from py_item order by id"))
        binary = shown(connection.cursor(binary=True).execute("select * from py_item order by id /* again */"))
        named = connection.cursor(row_factory=dict_row).execute("select id, name from py_item where id = %(id)s", {"id": 1})
        return [text, binary, named.fetchone()]


def refused(pool):
    def one(query, values=None):
        with pool.connection() as connection:
            return shown(connection.execute(query, values))

    questions = [("selec 1",), ("select * from nowhere where id = %s", [1]), ("select 1 / %s", [0]), ("select %s::int", ["x"])]
    return [outcome(lambda q=q: one(*q)) for q in questions]


def many(pool):
    with pool.connection() as connection:
        cursor = connection.cursor()
        rows = [(n, f"many {n}") for n in range(10, 30)]
        cursor.executemany("insert into py_item(id, name) values (%s, %s) returning id", rows, returning=True)
        ids = []
        while True:
            ids.append(cursor.fetchone()[0])
            if not cursor.nextset():
                return ids


def prepared(pool):
    with pool.connection() as connection:
        query = "select name, price from py_item where id = %s"
        return [connection.execute(query, [n % 3], prepare=True).fetchall() for n in range(8)]


def pipelined(pool):
    with pool.connection() as connection, connection.pipeline() as pipeline:
        first = connection.execute("select %s::int as a", [1])
        second = connection.execute("insert into py_item(id, name) values (%s, %s) returning id", [40, "piped"])
        third = connection.execute("select count(*) from py_item where id >= %s", [40])
        pipeline.sync()
        return [cursor.fetchall() for cursor in (first, second, third)]


def broken_pipeline(pool):
    def piped():
        with pool.connection() as connection, connection.pipeline():
            connection.execute("insert into py_item(id) values (%s)", [50])
            connection.execute("insert into py_item(id) values (%s)", [1])
            connection.execute("insert into py_item(id) values (%s)", [51])

    failure = outcome(piped)
    with pool.connection() as connection:
        return [failure, shown(connection.execute("select id from py_item where id in (50, 51)"))]


def transactions(pool):
    def transfer(number):
        def work():
            with pool.connection() as connection, connection.transaction():
                connection.execute("select pg_sleep(0.01), %s::int", [number])
                row = connection.execute(
                    "insert into py_item(id, name) values (%s, %s) returning id", [100 + number, f"moved {number}"]
                ).fetchone()
                if number == 3:
                    raise psycopg.Rollback()
                return row

        return [number, outcome(work)]

    return in_parallel([1, 2, 3, 4, 5, 6], transfer)


def nested(pool):
    with pool.connection() as connection:

        def inner():
            with connection.transaction():
                connection.execute("insert into py_item(id) values (1)")

        with connection.transaction():
            failure = outcome(inner)
            return [failure, connection.execute("select 'kept'").fetchone()]


def failed(pool):
    with pool.connection() as connection:
        seen = [outcome(lambda: shown(connection.execute("select 1/0")))]
        seen.append(outcome(lambda: shown(connection.execute("select 1"))))
        seen.append(connection.info.transaction_status.name)
        connection.commit()
        return [*seen, connection.info.transaction_status.name]


def cursors(pool):
    with pool.connection() as connection, connection.cursor(name="numbers") as cursor:
        cursor.itersize = 4
        cursor.execute("select n from generate_series(1, %s) n", [10])
        first = cursor.fetchmany(3)
        return [first, [row[0] for row in cursor]]


def streamed(pool):
    with pool.connection() as connection:
        return [row[0] for row in connection.cursor().stream("select n from generate_series(1, %s) n", [6])]


def copied(pool):
    with pool.connection() as connection:
        connection.execute("create table py_copied(id int, note text, at timestamptz)")
        cursor = connection.cursor()
        moment = datetime(2026, 1, 31, tzinfo=timezone.utc)
        with cursor.copy("copy py_copied from stdin") as copy:
            for n in range(50):
                copy.write_row((n, f"note\t{n}", moment))
        with cursor.copy("copy py_copied from stdin (format binary)") as copy:
            copy.set_types(["int4", "text", "timestamptz"])
            copy.write_row((51, "binary", moment))
        with cursor.copy("copy (select * from py_copied order by id desc limit 3) to stdout") as copy:
            return [cursor.statusmessage, [list(map(str, row)) for row in copy.rows()]]


def broken_copy(pool):
    def of_the_client():
        with pool.connection() as connection, connection.cursor().copy("copy py_copied from stdin") as copy:
            copy.write_row((60, "x", None))
            raise ValueError("no more of this")

    def of_the_server():
        with pool.connection() as connection, connection.cursor().copy("copy py_copied from stdin") as copy:
            copy.write("none\tx\t\\N\n")

    try:
        of_the_client()
    except ValueError as error:
        return [str(error), outcome(of_the_server)]


def heard(pool):
    with psycopg.connect(TARGET, autocommit=True) as listener:
        listener.execute("listen py_news")
        with pool.connection() as connection:
            connection.execute("select pg_notify('py_news', %s)", ["hello"])
            connection.execute("select pg_notify('py_news', %s)", ["again"])
        seen = [[n.channel, n.payload] for n in listener.notifies(timeout=5, stop_after=2)]
        listener.execute("notify py_news, 'own'")
        return [*seen, *[[n.channel, n.payload] for n in listener.notifies(timeout=5, stop_after=1)]]


def notices(pool):
    with psycopg.connect(TARGET, autocommit=True) as connection:
        seen = []
        connection.add_notice_handler(lambda diag: seen.append([diag.severity, diag.message_primary]))
        connection.execute("do $$ begin raise notice 'one %', 1; raise warning 'two'; end $$")
        return seen


def cancelled(pool):
    with pool.connection() as connection:
        timer = threading.Timer(0.3, connection.cancel_safe)
        timer.start()
        seen = outcome(lambda: shown(connection.execute("select pg_sleep(20)")))
        timer.join()
        connection.rollback()
        return [seen, connection.execute("select 'after'").fetchone()]


def too_long(pool):
    with pool.connection() as connection:
        connection.execute("set local statement_timeout = '50ms'")
        return outcome(lambda: shown(connection.execute("select pg_sleep(10)")))


def several(pool):
    with pool.connection() as connection:
        cursor = connection.execute("select 1; select 2; values ('x', 3)")
        seen = [cursor.fetchall()]
        while cursor.nextset():
            seen.append(cursor.fetchall())
        return seen


STEPS = [
    *(create, insert, select, refused, many, prepared, pipelined, broken_pipeline, transactions, nested, failed),
    *(cursors, streamed, copied, broken_copy, heard, notices, cancelled, too_long, several),
]


def run():
    with ConnectionPool(TARGET, min_size=POOL, max_size=POOL) as pool:
        return {"driver": "psycopg", "steps": [{"name": step.__name__, "result": step(pool)} for step in STEPS]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, value):
        body = json.dumps(value, default=repr).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        try:
            self.answer(500, run())
        except Exception as error:
            self.answer(503, {"error": repr(error), "trace": traceback.format_exc()})

    def log_message(self, *words):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
