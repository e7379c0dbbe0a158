"""Opening the register: one engine that writes, one that reads, and the transactions of both.

On SQLite a writing transaction takes the write lock when it begins (``BEGIN IMMEDIATE``) and waits up to 30 s for
another writer; a reading one is deferred, sees one consistent state of the WAL and waits for nobody. The writing engine
may be handed to the pipeline's datasource, whose steps then commit our rows and their checkpoint together.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from evidence.errors import RegisterError
from index import dialects

POOL_SIZE = 8
POOL_OVERFLOW = 56


def register_url(where: str | PurePath) -> sa.URL:
    """Return the database URL of a file path or URL; plain ``postgresql://`` means psycopg 3.

    Raises:
        RegisterError: the URL cannot be read.
    """
    text = str(where)
    if "://" not in text:
        return sa.URL.create("sqlite", database=text)
    try:
        url = sa.make_url(text)
    except SQLAlchemyError as error:
        raise RegisterError(
            "not a database URL", subject=text, cure="write sqlite:///FILE or postgresql://…"
        ) from error
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def open_engine(where: str | PurePath, *, reading: bool = False) -> sa.Engine:
    """Open the register for writing, or (``reading``) for reads alone: that one refuses every write.

    Raises:
        RegisterError: the URL cannot be read. Nothing is connected yet.
    """
    url = register_url(where)
    options = dialects.READING_OPTIONS.get(url.get_backend_name(), {}) if reading else {}
    engine = sa.create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=60,
        execution_options=options,
        json_serializer=written_json,
    )
    if engine.dialect.name == dialects.SQLITE:
        dialects.prepare_sqlite(engine, reading=reading)
    return engine


_write = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def written_json(value: object) -> str:
    """Return a value as JSON columns hold it: the same value always as the same text."""
    return _write(value)


class Register:
    """The open register: its two engines and their transactions.

    Attributes:
        engine: writes; reader: reads only.
    """

    def __init__(self, engine: sa.Engine, reader: sa.Engine | None = None) -> None:
        """Take the writing engine and, or else make, the reading one beside it."""
        self.engine = engine
        self.reader = reader or open_engine(engine.url.render_as_string(hide_password=False), reading=True)

    @property
    def file(self) -> Path | None:
        """Where the register lies; None when it is on a server."""
        url = self.engine.url
        return Path(url.database) if url.get_backend_name() == dialects.SQLITE and url.database else None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a writing transaction: all of it commits when the block ends, nothing when it raises.

        Raises:
            RegisterError: the database refused (busy for 30 s, disk full, not reachable).
        """
        with _translated(self.engine), Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.connection()
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open one consistent view.

        Raises:
            RegisterError: the database refused.
        """
        with _translated(self.reader), Session(self.reader, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self.reader.dispose()


@contextmanager
def _translated(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        subject = engine.url.render_as_string(hide_password=True)
        cure = "see that the database runs, has room and is not held by another program, then try again"
        raise RegisterError(f"the register refused: {error.orig}", subject=subject, cure=cure) from error
