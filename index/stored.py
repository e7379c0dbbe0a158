"""Rows as the database holds them, for work on whole tables: no object per row, and no conversion per cell but one.

What is written is what the columns' own types would write, to the last byte; `tests/integration/test_index_stored.py`
holds the two together.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.notes import Note, Parameter
from index import dialects
from index.columns import NoteColumn, Utc, Word, _Column, to_us
from index.engine import written_json
from index.schema import Base

Cell = str | int | float | bytes | None
Stored = tuple[Cell, ...]
Form = Callable[[Any], Cell]


class Written(str):
    """A value as its JSON column holds it, so that it is not written again."""

    __slots__ = ()


class Told(NamedTuple):
    """A value written twice at once: as its JSON column holds it, and as canonical JSON, for a ledger entry."""

    column: Written
    canonical: str


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of a model."""
    return Base.metadata.tables[model.__tablename__]


def form_of(kind: sa.types.TypeEngine[Any]) -> Form:
    """Return what turns a value of a column's type into the plain one that is stored; None stays None."""
    if isinstance(kind, Utc):
        return to_us
    if isinstance(kind, Word):
        return lambda word: str(word.value)
    if isinstance(kind, NoteColumn):
        return lambda value: value if type(value) is Written else written_note(value).column
    if isinstance(kind, _Column):
        store = kind.store
        return lambda value: value if type(value) is Written else written_json(store(value))
    return written_json if isinstance(kind, sa.JSON) else lambda value: value


def default_of(column: sa.Column[Any]) -> Cell:
    """Return what a table puts into a column that is given no value; None where it puts nothing."""
    arg = column.server_default.arg if isinstance(column.server_default, sa.DefaultClause) else None
    return arg if isinstance(arg, str) or arg is None else 0  # the only expression is false


def written_note(said: Note) -> Told:
    """Return what `written_json` and `canonical_json` write of `Note.as_plain`, in a third of the time."""
    named = [(name, _written_value(value)) for name, value in sorted(said.params.items())]
    spaced = ", ".join([f'"{name}": {value}' for name, value in named])
    close = ",".join([f'"{name}":{value}' for name, value in named])
    column = Written(f'{{"code": "{said.code}", "params": {{{spaced}}}}}')
    return Told(column, f'{{"code":"{said.code}","params":{{{close}}}}}')


def _written_value(value: Parameter) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if type(value) in {float, int}:
        return repr(value)
    if isinstance(value, datetime):
        return f'"{value.astimezone(UTC).isoformat().replace("+00:00", "Z")}"'
    return written_json(value)


def written_notes(said: Iterable[Note]) -> Told:
    """Return notes as their column holds them, and as a ledger entry does."""
    told = [written_note(one) for one in said]
    columns, canonical = ", ".join([one.column for one in told]), ",".join([one.canonical for one in told])
    return Told(Written(f"[{columns}]"), f"[{canonical}]")


class Storing:
    """Turns values by column into stored rows of one table."""

    def __init__(self, model: type[Base], columns: Sequence[str] | None = None) -> None:
        """Take the columns to be written; all of them where none are named."""
        table = table_of(model)
        self.table = table
        self.columns = tuple(columns or (column.name for column in table.columns))
        self._forms = [(name, form_of(table.c[name].type), default_of(table.c[name])) for name in self.columns]

    def row(self, values: Mapping[str, Any]) -> Stored:
        """Return a row; a column without a value has the table's own, else it is empty."""
        return tuple(
            [
                form(value) if (value := values.get(name)) is not None else default
                for name, form, default in self._forms
            ],
        )

    def write(self, session: Session, rows: Iterable[Stored]) -> None:
        """Insert rows that are not there yet."""
        dialects.insert_stored(session, self.table, self.columns, rows)


def read_stored(model: type[Base], columns: Sequence[str]) -> sa.Select[Any]:
    """Return the question for columns of a table as they are stored, JSON as its text."""
    table = table_of(model)
    return sa.select(*(stored_column(table.c[name]) for name in columns)).select_from(table)


def stored_column(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return a column as it is stored."""
    plain: sa.ColumnElement[Any] = sa.literal_column(f"{column.table.name}.{column.name}")
    is_json = isinstance(getattr(column.type, "impl", column.type), sa.JSON)
    return sa.cast(plain, sa.Text).label(column.name) if is_json else plain.label(column.name)


def pages(session: Session, wanted: sa.Select[Any], size: int = 5000) -> Iterator[Sequence[Any]]:
    """Yield the rows of a question page by page, without holding them all."""
    found = session.connection().execution_options(yield_per=size).execute(wanted)
    yield from found.partitions()


def has_rows(session: Session, model: type[Base]) -> bool:
    """Whether a table holds anything."""
    wanted = sa.select(sa.literal(1)).select_from(table_of(model)).limit(1)
    return session.execute(wanted).first() is not None
