"""Rows as the database holds them, read back as light values with the attributes of the models they are rows of."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from evidence.notes import Note, note_from_plain
from index.columns import NoteColumn, NotesColumn, SpansColumn, Utc, Word, from_us
from index.schema import Base
from index.stored import Stored, table_of

Read = Callable[[Any], Any]

NOTES_KEPT = 4096
"""Texts of notes that are kept read: most clips say the same."""


@lru_cache(maxsize=NOTES_KEPT)
def notes_read(text: str) -> tuple[Note, ...]:
    """Return the notes that a column holds."""
    return tuple(note_from_plain(one) for one in json.loads(text))


def read_of(kind: sa.types.TypeEngine[Any]) -> Read | None:
    """Return what turns a stored value into the one it was; None where it is that already."""
    if isinstance(kind, Utc):
        return from_us
    if isinstance(kind, Word):
        return {word.value: word for word in kind.words}.__getitem__
    if isinstance(kind, NotesColumn):
        return notes_read
    if isinstance(kind, NoteColumn | SpansColumn):
        load = kind.load
        return lambda text: load(json.loads(text))
    if isinstance(kind, sa.Boolean):
        return bool
    return json.loads if isinstance(kind, sa.JSON) else None


class Reading:
    """Reads stored rows of one table; the columns named ``late`` stay as they are stored until they are asked for."""

    def __init__(
        self,
        model: type[Base],
        columns: Sequence[str],
        late: Sequence[str] = (),
        made: type[SimpleNamespace] = SimpleNamespace,
    ) -> None:
        """Take the columns in the order of the rows, and what a row is ``made`` as."""
        self.columns, self._made = tuple(columns), made
        table = table_of(model)
        reads = [None if name in late else read_of(table.c[name].type) for name in self.columns]
        self._reads = [(number, read) for number, read in enumerate(reads) if read is not None]

    def row(self, stored: Stored) -> Any:  # noqa: ANN401 - it stands in the place of a model's row
        """Return a row with its attributes."""
        cells: list[Any] = list(stored)
        for number, read in self._reads:
            if cells[number] is not None:
                cells[number] = read(cells[number])
        return self._made(**dict(zip(self.columns, cells, strict=True)))
