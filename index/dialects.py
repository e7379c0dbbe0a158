"""The one module that knows which database it speaks to: locking, pragmas, triggers, upserts.

Source: sqlite.org/pragma.html and lang_transaction.html; PostgreSQL manual, CREATE TRIGGER.
"""

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError as SqliteError
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from index.schema import Base

SQLITE = "sqlite"
BUSY_TIMEOUT_MS = 30_000
"""How long a writer waits for another before it is told that the register is busy."""

LOOK_AGAIN_S = (0.0004, 0.0016)
"""How long a waiting writer sleeps between two looks."""

READING_OPTIONS: Mapping[str, Mapping[str, object]] = {
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
}
"""How a connection that only reads is opened, where that is an option: one snapshot for the whole transaction."""


def prepare_sqlite(engine: sa.Engine, *, reading: bool) -> None:
    """Make every connection durable and every transaction explicit.

    The driver's own implicit BEGIN is switched off; a transaction of the writing engine takes the write lock when it
    begins, so that writers wait for each other instead of failing half-way when a read lock cannot be raised.
    """

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        if isinstance(dbapi_connection, SqliteConnection):  # pragma: no branch - it is one
            dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in _pragmas(reading=reading):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if reading:
            connection.exec_driver_sql("BEGIN")
        else:
            _take_write_lock(connection)


def _take_write_lock(connection: sa.Connection) -> None:
    """Begin a writing transaction, waiting up to `BUSY_TIMEOUT_MS` for others.

    SQLite's own waiting sleeps up to 100 ms between two looks, in which eight writers leave the disk idle; asked every
    millisecond or so, they follow one another closely.
    """
    driver = connection.connection.driver_connection
    until_s = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    driver.execute("PRAGMA busy_timeout=0")  # type: ignore[union-attr] # an open connection has a driver's
    try:
        while not _begun(driver) and time.monotonic() < until_s:
            time.sleep(random.uniform(*LOOK_AGAIN_S))  # noqa: S311 - so that waiters do not march in step
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")  # type: ignore[union-attr] # as above
    if not driver.in_transaction:  # type: ignore[union-attr] # as above
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begun(driver: Any) -> bool:  # noqa: ANN401 - the driver's own connection
    try:
        driver.execute("BEGIN IMMEDIATE")
    except SqliteError as error:
        if error.sqlite_errorcode not in {SQLITE_BUSY, SQLITE_LOCKED}:
            raise
        return False
    return True


def _pragmas(*, reading: bool) -> tuple[str, ...]:
    base = (f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON", "synchronous=FULL", "cache_size=-65536")
    return (*base, "query_only=ON") if reading else (base[0], "journal_mode=WAL", *base[1:])


def append_only_statements(dialect: str, table: str) -> tuple[str, ...]:
    """Return the statements that make the database refuse to change or delete rows of a table."""
    if dialect == SQLITE:
        return tuple(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        )
    refuse = f"RAISE EXCEPTION '{table} is append-only'"
    function = f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse}; END $$"
    trigger = f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
    return function, f"{trigger} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"


def drop_append_only_statements(dialect: str, table: str) -> tuple[str, ...]:
    """Return the statements that take back `append_only_statements`; for a migration that moves the table."""
    if dialect == SQLITE:
        return tuple(f"DROP TRIGGER {table}_no_{verb.lower()}" for verb in ("UPDATE", "DELETE"))
    return f"DROP TRIGGER {table}_append_only ON {table}", f"DROP FUNCTION {table}_refuse()"


def upsert(session: Session, model: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows whole; a row whose primary key is there gets the new values of every other given column."""
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, sa.Table)  # noqa: S101 - a mapped class has a table; told to the type checker
    keys = [column.name for column in table.primary_key]
    insert = sqlite.insert if session.get_bind().dialect.name == SQLITE else postgresql.insert
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    if changed:
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))
    else:
        session.execute(statement.on_conflict_do_nothing(index_elements=keys), list(rows))


def insert_stored(session: Session, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows whose cells are plain values as the database holds them; the fastest way in that each database has.

    Source: PostgreSQL manual, COPY; sqlite.org/faq.html (19).
    """
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == SQLITE:
        places = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", rows)  # noqa: S608 - our own names
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
