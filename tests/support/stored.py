"""Rows as the database holds them, for filling whole tables: no object per row, and no conversion per cell but one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from index.columns import Utc, Word, _Column, to_us
from index.engine import written_json
from index.schema import Base

Cell = str | int | float | bytes | None
Stored = tuple[Cell, ...]
Form = Callable[[Any], Cell]


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of a model."""
    return Base.metadata.tables[model.__tablename__]


def form_of(kind: sa.types.TypeEngine[Any]) -> Form:
    """Return what turns a value of a column's type into the plain one that is stored; None stays None."""
    if isinstance(kind, Utc):
        return to_us
    if isinstance(kind, Word):
        return lambda word: str(word.value)
    if isinstance(kind, _Column):
        store = kind.store
        return lambda value: written_json(store(value))
    return written_json if isinstance(kind, sa.JSON) else lambda value: value


def default_of(column: sa.Column[Any]) -> Cell:
    """Return what a table puts into a column that is given no value; None where it puts nothing."""
    arg = column.server_default.arg if isinstance(column.server_default, sa.DefaultClause) else None
    return arg if isinstance(arg, str) or arg is None else 0  # the only expression is false


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
            form(value) if (value := values.get(name)) is not None else default for name, form, default in self._forms
        )

    def write(self, session: Session, rows: Iterable[Stored]) -> None:
        """Insert rows that are not there yet."""
        names, places = ", ".join(f'"{name}"' for name in self.columns), ", ".join("?" * len(self.columns))
        driver: Any = session.connection().connection.driver_connection
        driver.executemany(f"INSERT INTO {self.table.name} ({names}) VALUES ({places})", rows)  # noqa: S608 - our own names
