"""What an imported file changes: its rows against the records that stand, column by column.

A record that a file does not name stays as it is: a file says what is so, never what is gone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.people import Assignment, Device, Officer
from evidence.spans import Span
from evidence.zones import exact_iso

Cell = str | list[str] | None
"""What one column says, JSON-ready: a text, a list of ids, a time (UTC, ISO 8601), nothing."""

Form = Mapping[str, Cell]
"""A record as its columns say it, under the names that an imported file has."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "officers": ("officer_id",),
    "devices": ("device_id",),
    "assignments": ("device_id", "from"),
    "cases": ("case_no",),
    "steps": ("case_no", "step_no"),
    "documents": ("case_no", "step_no", "document", "document_no"),
}
"""The columns that make two records of a noun the same, whenever they were imported."""

_COLUMN_OF = {"start": "from", "end": "to", "slot": "document"}
"""Fields that a file calls otherwise."""


@dataclass(frozen=True)
class Change:
    """A record that a file says otherwise. ``columns``: name → what stood, and what the file says."""

    key: str
    columns: Mapping[str, tuple[Cell, Cell]]


@dataclass(frozen=True)
class Diff:
    """What a file changes. ``new``: keys of records nobody had imported; both lists in the order of their keys."""

    new: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: int = 0

    @property
    def keys(self) -> frozenset[str]:
        """The records that are to be written."""
        return frozenset((*self.new, *(change.key for change in self.changed)))


@dataclass(frozen=True)
class ImportedForm:
    """A record as one import left it.

    Attributes:
        entry: number of that import in the ledger. None, and no time, file or actor: it was there before any import
            that is known.
    """

    form: Form
    entry: int | None = None
    at: datetime | None = None
    file_name: str = ""
    actor: str = ""


@dataclass(frozen=True)
class ImportView:
    """One act of importing. ``entry``: its number in the ledger; ``rows``: of the file, by what they did."""

    entry: int
    digest: str
    noun: str
    file_name: str
    zone: str
    rows: int
    new: int
    changed: int
    unchanged: int
    at: datetime
    actor: str
    authenticated: str


def form_of(record: Officer | Device | Assignment | Case | Step | Document) -> dict[str, Cell]:
    """Return a record as its columns say it."""
    return {_COLUMN_OF.get(each.name, each.name): _cell(getattr(record, each.name)) for each in fields(record)}


def forms_of(noun: str, records: Iterable[Any]) -> Iterator[Form]:
    """Yield the records of a noun as their columns say them; officers who carry one camera together are one form."""
    if noun != "assignments":
        yield from map(form_of, records)
        return
    together: dict[tuple[str, datetime], dict[str, Assignment]] = {}
    for one in records:
        together.setdefault((one.device_id, one.start), {})[one.officer_id] = one
    yield from (_joint([form_of(found[officer]) for officer in sorted(found)]) for found in together.values())


def _joint(forms: Sequence[Form]) -> Form:
    """Return several forms of one key as one: what they say alike once, the rest in a list, in their order."""
    first = forms[0]
    alike = {name: all(form[name] == cell for form in forms) for name, cell in first.items()}
    return {name: cell if alike[name] else [str(form[name] or "") for form in forms] for name, cell in first.items()}


def key_of(noun: str, form: Form) -> str:
    """Return what names a record among those of its noun.

    That is ``CASE/STEP``, ``CASE/STEP/DOCUMENT/NUMBER``, a camera and since when, else its id.
    """
    parts = [str(form[name] or "") for name in KEYS[noun]]
    return (" " if noun == "assignments" else "/").join(parts)


def diff_of(noun: str, standing: Mapping[str, Form], stated: Iterable[Form]) -> Diff:
    """Hold the rows of a file against the records that stand, by key; of two rows of one key the last counts."""
    new: list[str] = []
    changed: list[Change] = []
    unchanged = 0
    for key, form in {key_of(noun, form): form for form in stated}.items():
        old = standing.get(key)
        if old is None:
            new.append(key)
        elif columns := {name: (old.get(name), cell) for name, cell in form.items() if old.get(name) != cell}:
            changed.append(Change(key, columns))
        else:
            unchanged += 1
    return Diff(tuple(sorted(new)), tuple(sorted(changed, key=lambda change: change.key)), unchanged)


def before(form: Form, columns: Mapping[str, Sequence[Cell]]) -> Form:
    """Return the form that stood before a change: the present one with the old cells."""
    return {**form, **{name: cells[0] for name, cells in columns.items()}}


def diff_json(diff: Diff) -> dict[str, object]:
    """Return the documented JSON of a diff."""
    return {"new": list(diff.new), "changed": [change_json(one) for one in diff.changed], "unchanged": diff.unchanged}


def change_json(change: Change) -> dict[str, object]:
    """Return the documented JSON of a changed record."""
    columns = {name: {"old": old, "new": new} for name, (old, new) in change.columns.items()}
    return {"key": change.key, "columns": columns}


def imported_form_json(one: ImportedForm) -> dict[str, object]:
    """Return the documented JSON of a record as one import left it."""
    at = exact_iso(one.at) if one.at else None
    return {"form": dict(one.form), "entry": one.entry, "at": at, "file": one.file_name, "actor": one.actor}


def _part(value: object) -> str:
    return f"{exact_iso(value.start)}~{exact_iso(value.end)}" if isinstance(value, Span) else str(value)


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return exact_iso(value)
    if isinstance(value, tuple):
        return [_part(each) for each in value]
    if isinstance(value, bool):
        return "yes" if value else None  # a mark that is not set: the record does not say
    if isinstance(value, int):
        return str(value) if value else None  # a count of 0: the record does not say
    return None if value is None else str(value)
