"""What people write when they hand a file in for a text record, on the command line or in a form."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from evidence.errors import UsageError
from evidence.zones import BEIJING
from ingest.records.times import NotATimeError, read_time

SEPARATORS = re.compile(r"[;,；，、\s]+")


@dataclass(frozen=True)
class Wanted:
    """What a person wants attached where, in their own words.

    Attributes:
        document_no: None is the text record that is there.
        title, dated_at, signed_by: what the file shows.
    """

    case_no: str
    step_no: str
    slot: str
    document_no: str | None = None
    title: str = ""
    dated_at: datetime | None = None
    signed_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Upload:
    """A file that a browser sends, under the name it states."""

    name: str
    content: BinaryIO


@dataclass(frozen=True)
class Stated:
    """A reason as a person states it in a form; its files are not sealed yet."""

    code: str
    note: str = ""
    files: tuple[Upload, ...] = ()


def moment_of(text: str) -> datetime | None:
    """Return the time a person wrote, None for nothing; a bare time is Beijing time.

    Raises:
        UsageError: it is no time.
    """
    return _read(text)[0] if text.strip() else None


def exact_moment_of(text: str) -> datetime | None:
    """Return the time with a time of day that a person wrote, None for nothing; a bare time is Beijing time.

    Raises:
        UsageError: it is no time, or only a day.
    """
    if not text.strip():
        return None
    moment, has_clock = _read(text)
    if not has_clock:
        raise UsageError("has no time of day", subject=text, cure="write it as 2026-11-23 10:30")
    return moment


def _read(text: str) -> tuple[datetime, bool]:
    try:
        return read_time(text.strip(), BEIJING)
    except NotATimeError as error:
        raise UsageError("is not a time", subject=text, cure="write it as 2026-11-23 or 2026-11-23 10:30") from error


def roles_of(text: str) -> tuple[str, ...]:
    """Return the roles a person listed."""
    return tuple(role for role in SEPARATORS.split(text) if role)
