"""Messages as data: a code and its parameters; the catalogues of the dashboard turn them into words.

A parameter whose name ends in ``_at`` is a UTC ``datetime``, in ``_s`` a number of seconds, in ``_bytes`` a
size, in ``_pct`` a number out of 100, in ``_roles`` roles of people joined by ``;``, in ``_names`` one thing's name in
several languages (`in_languages`); everything else is printed as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

Parameter = str | int | float | datetime
Plain = str | int | float


@dataclass(frozen=True)
class Note:
    """One sentence to a person, in no language yet.

    Attributes:
        code: key in the catalogues, dotted lower case: ``clock.after_arrival``.
        params: what the sentence names.
    """

    code: str
    params: Mapping[str, Parameter] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Hash by code and parameters, in any order."""
        return hash((self.code, tuple(sorted((k, str(v)) for k, v in self.params.items()))))

    def as_plain(self) -> dict[str, object]:
        """Return the note as JSON-ready values; times become ISO 8601 in UTC with ``Z``."""
        return {"code": self.code, "params": {k: _plain(v) for k, v in self.params.items()}}


def note(code: str, **params: Parameter) -> Note:
    """Return a `Note`; the short form for the many places that make one."""
    return Note(code, params)


def unique(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes in their order, each once."""
    every = tuple(notes)
    if len({one.code for one in every}) == len(every):
        return every
    return tuple(dict.fromkeys(every))


def in_languages(names: Mapping[str, str]) -> str:
    """Return the names of a thing, by locale, as one parameter whose name ends in ``_names``."""
    return "|".join(f"{locale}={name}" for locale, name in sorted(names.items()))


def note_from_plain(plain: Mapping[str, object]) -> Note:
    """Return the note that `Note.as_plain` wrote."""
    raw = plain.get("params") or {}
    if not isinstance(raw, Mapping):
        raise TypeError(f"params of a note must be a mapping, not {type(raw).__name__}")
    return Note(str(plain["code"]), {str(k): _revive(str(k), v) for k, v in raw.items()})


def _plain(value: Parameter) -> Plain:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _revive(name: str, value: object) -> Parameter:
    if name.endswith("_at") and isinstance(value, str) and value:
        return datetime.fromisoformat(value)
    return value if isinstance(value, str | int | float) else str(value)
