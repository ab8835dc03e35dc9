"""A service on SQLAlchemy's ORM over psycopg2. POST /run does all of it and says what the driver gave."""

import json
import os
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

from sqlalchemy import ARRAY, URL, ForeignKey, String, create_engine, func, insert, inspect, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

POOL = int(os.environ["POOL"])
REVERSED = os.environ.get("REVERSED") == "1"
URL_OF_TARGET = URL.create(
    "postgresql+psycopg2",
    username=os.environ["PGUSER"],
    password=os.environ["PGPASSWORD"],
    host=os.environ["TARGET_HOST"],
    port=int(os.environ["TARGET_PORT"]),
    database=os.environ["PGDATABASE"],
)


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "sa_customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    orders: Mapped[list["Order"]] = relationship(back_populates="customer", order_by="Order.id")


class Order(Base):
    __tablename__ = "sa_order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("sa_customer.id"))
    total: Mapped[Decimal]
    tags: Mapped[list[str]] = mapped_column(ARRAY(String))
    extra: Mapped[dict] = mapped_column(JSONB)
    ref: Mapped[UUID | None]
    raw: Mapped[bytes | None]
    at: Mapped[datetime | None] = mapped_column()
    customer: Mapped[Customer] = relationship(back_populates="orders")


def told(error):
    original = error.orig
    diag = original.diag
    return {
        "type": type(error).__name__,
        "code": original.pgcode,
        "message": diag.message_primary,
        "constraint": diag.constraint_name,
    }


def outcome(work):
    try:
        return work()
    except DBAPIError as error:
        return told(error)


def in_parallel(numbers, work):
    order = list(reversed(numbers)) if REVERSED else numbers
    with ThreadPoolExecutor(len(numbers)) as threads:
        return [result for _, result in sorted(zip(order, threads.map(work, order)))]


def create(engine):
    Base.metadata.create_all(engine)
    return sorted(Base.metadata.tables)


def unit_of_work(engine):
    with Session(engine) as session:
        ann = Customer(name="ann")
        ref = UUID("0190b5a0-0000-7000-8000-000000000001")
        ann.orders = [
            Order(total=Decimal("12.50"), tags=["a", 'b "c"'], extra={"deep": [1, None]}, ref=ref, raw=b"\x00\xff"),
            Order(total=Decimal("-0.01"), tags=[], extra={}, at=datetime(2026, 1, 31, 10, 20, 30, 456000)),
        ]
        session.add_all([ann, Customer(name="bob")])
        session.commit()
        return [ann.id, [order.id for order in ann.orders]]


def bulk(engine):
    with Session(engine) as session:
        made = session.scalars(insert(Customer).returning(Customer.id), [{"name": f"many {n}"} for n in range(20)]).all()
        session.execute(upsert(Customer).values(name="ann").on_conflict_do_nothing(index_elements=["name"]))
        changed = session.execute(update(Customer).where(Customer.name.like("many 1%")).values(name=Customer.name + "!"))
        session.commit()
        return [list(made), changed.rowcount]


def query(engine):
    with Session(engine) as session:
        loaded = session.scalars(select(Customer).where(Customer.name == "ann").options(selectinload(Customer.orders))).one()
        orders = [[o.id, str(o.total), o.tags, o.extra, str(o.ref), o.raw and o.raw.hex(), str(o.at)] for o in loaded.orders]
        counted = session.execute(
            select(Customer.name, func.count(Order.id)).join(Order).group_by(Customer.name).order_by(Customer.name)
        ).all()
        return [loaded.name, orders, [list(row) for row in counted], session.get(Customer, 999)]


def refused(engine):
    def statement(sql, **values):
        with engine.connect() as connection:
            return [list(row) for row in connection.execute(text(sql), values)]

    def twice():
        with Session(engine) as session:
            session.add(Customer(name="ann"))
            session.commit()

    return [
        outcome(twice),
        outcome(lambda: statement("selec 1")),
        outcome(lambda: statement("select 1 / :n", n=0)),
        outcome(lambda: statement("select * from nowhere")),
    ]


def savepoint(engine):
    with Session(engine) as session:

        def inner():
            with session.begin_nested():
                session.add(Customer(name="ann"))
                session.flush()

        failure = outcome(inner)
        kept = session.scalar(select(func.count()).select_from(Customer))
        session.rollback()
        return [failure, kept]


def at_once(engine):
    def transfer(number):
        with Session(engine) as session, session.begin():
            session.execute(text("select pg_sleep(0.01), :n"), {"n": number})
            customer = session.scalars(select(Customer).where(Customer.name == "bob").with_for_update()).one()
            return [number, customer.name]

    return in_parallel([1, 2, 3, 4, 5], transfer)


def streamed(engine):
    with engine.connect().execution_options(stream_results=True, max_row_buffer=4) as connection:
        result = connection.execute(text("select n from generate_series(1, 10) n"))
        return [[row.n for row in part] for part in result.partitions(3)]


def reflected(engine):
    inspector = inspect(engine)
    return {
        "tables": sorted(inspector.get_table_names()),
        "columns": [[c["name"], str(c["type"]), c["nullable"]] for c in inspector.get_columns("sa_order")],
        "keys": inspector.get_foreign_keys("sa_order"),
        "unique": inspector.get_unique_constraints("sa_customer"),
    }


def isolated(_):
    """With connections of its own: what is reset on a connection depends on who had it before."""
    engine = create_engine(URL_OF_TARGET, pool_size=1)
    with engine.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
        level = connection.execute(text("show transaction isolation level")).scalar()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        alone = connection.execute(text("select 'alone'")).scalar()
    engine.dispose()
    return [level, alone]


def copied(engine):
    import io

    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("create table sa_copied(id int, note text)")
        cursor.copy_expert("copy sa_copied from stdin", io.StringIO("".join(f"{n}\tnote {n}\n" for n in range(20))))
        out = io.StringIO()
        cursor.copy_expert("copy (select * from sa_copied order by id limit 3) to stdout with csv", out)
        raw.commit()
        return [cursor.rowcount, out.getvalue()]
    finally:
        raw.close()


STEPS = [create, unit_of_work, bulk, query, refused, savepoint, at_once, streamed, reflected, isolated, copied]


def run():
    engine = create_engine(URL_OF_TARGET, pool_size=POOL, max_overflow=0, pool_pre_ping=True)
    try:
        return {"driver": "sqlalchemy", "steps": [{"name": step.__name__, "result": step(engine)} for step in STEPS]}
    finally:
        engine.dispose()


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
