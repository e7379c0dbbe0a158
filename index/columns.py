"""Column types of the register: one storage form per kind of value, the same on every database."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from evidence.notes import Note, note_from_plain
from evidence.reasons import Claim, claim_from_plain
from evidence.spans import Span
from evidence.zones import from_iso

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def to_us(moment: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC, exact and sortable.

    Raises:
        ValueError: if the time has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_us(stored_us: int) -> datetime:
    """Return the UTC time that `to_us` wrote."""
    return EPOCH + timedelta(microseconds=stored_us)


class _Column(sa.types.TypeDecorator[T], Generic[T]):
    """A value of ours kept as a plain one of the database; a missing value stays missing."""

    impl: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]] = sa.Text
    cache_ok = True

    def store(self, value: T) -> object:
        """Return the plain value."""
        raise NotImplementedError

    def load(self, stored: Any) -> T:  # noqa: ANN401 - whatever `store` wrote, as the driver hands it back
        """Return what `store` was given."""
        raise NotImplementedError

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - SQLAlchemy's signature
        return None if value is None else self.store(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:  # noqa: ANN401, ARG002 - as above
        return None if value is None else self.load(value)


class Utc(_Column[datetime]):
    """A UTC time as microseconds since 1970: exact, sortable, the same on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def store(self, value: datetime) -> int:
        return to_us(value)

    def load(self, stored: int) -> datetime:
        return from_us(stored)


class Word(_Column[E]):
    """A word of a closed list, stored as its text."""

    impl = sa.String(32)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        """Take the list the words come from."""
        super().__init__()
        self.words = words

    def store(self, value: E) -> str:
        return self.words(value).value

    def load(self, stored: str) -> E:
        return self.words(stored)


class NoteColumn(_Column[Note]):
    """A catalogue note as JSON."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def store(self, value: Note) -> dict[str, object]:
        return value.as_plain()

    def load(self, stored: dict[str, object]) -> Note:
        return note_from_plain(stored)


class ClaimColumn(_Column[Claim]):
    """What a person claimed, as JSON."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def store(self, value: Claim) -> dict[str, object]:
        return value.as_plain()

    def load(self, stored: dict[str, object]) -> Claim:
        return claim_from_plain(stored)


class NotesColumn(_Column[tuple[Note, ...]]):
    """Catalogue notes as a JSON list, in order."""

    impl = sa.JSON
    cache_ok = True

    def store(self, value: tuple[Note, ...]) -> list[dict[str, object]]:
        return [each.as_plain() for each in value]

    def load(self, stored: list[dict[str, object]]) -> tuple[Note, ...]:
        return tuple(note_from_plain(each) for each in stored)


class SpansColumn(_Column[tuple[Span, ...]]):
    """Stretches of time as a JSON list of UTC pairs, in order and without loss."""

    impl = sa.JSON
    cache_ok = True

    def store(self, value: tuple[Span, ...]) -> list[list[str]]:
        return [[span.start.astimezone(UTC).isoformat(), span.end.astimezone(UTC).isoformat()] for span in value]

    def load(self, stored: list[list[str]]) -> tuple[Span, ...]:
        return tuple(Span(from_iso(start), from_iso(end)) for start, end in stored)
