"""Whether the register says what the vault says: table by table, against one that was made again from the vault.

Both are read as the database holds them, without any conversion, in the order of their keys. Numbers that a database
gives by itself are left out, and so are files that wait: only the register knows how far they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa

from evidence.claims import OfficerSource
from evidence.clips import ClipState
from evidence.clock import ClockVerdict
from evidence.ports import PickupState
from index import schema
from index.intakes import BEFORE_ALL_TIMES

Key = tuple[object, ...]
Row = tuple[Key, dict[str, object]]
"""The key of a row, and its cells by column, as the database holds them."""

SURROGATES = {"sighting": "sighting_id", "time_claim": "claim_id", "identity_claim": "claim_id"}
"""Tables whose key is a number the database gave; they are compared by what they hold."""

ORDERED = {"finding_history": "history_id"}
"""Tables whose key says in which order things happened: it is compared by order."""

UNDER_WAY = frozenset({PickupState.SETTLING.value, PickupState.WAITING.value})
HOW_FAR = frozenset({"state", "reason", "changed_at"})
"""Columns of a watched file that move while it is under way, which the ledger does not tell."""

JUDGED = frozenset(
    {"device_id", "officer_id", "officer_source", "sequence", "important", "disagreements", "sort_us", "verdict"}
    | {"span_start", "span_end", "uncertainty_s", "rules", "reach_start", "reach_end", "reach_class"}
    | {
        "officers",
        "recording",
        "docked_at",
        "stated",
        "start_earliest",
        "start_latest",
        "clock_offset_s",
        "suspected_s",
    }
)
"""Columns of a clip that its judgement sets."""

UNKNOWN = frozenset({OfficerSource.UNKNOWN.value, ClockVerdict.UNKNOWN.value})
LEFT_OUT = frozenset({"mark", "ledger_entry", "vault_lock"})
"""Compared elsewhere: the ledger with what is sealed, locks with what the vault says. Marks say how far things are."""


@dataclass(frozen=True)
class Disagreement:
    """One cell, or one row.

    Attributes:
        key: of the row, as text. column: empty when the row as a whole is missing or should not be there.
        kept, derived: what the register holds, and what the vault gives; empty for a row that is not there.
    """

    table: str
    key: str
    column: str
    kept: str
    derived: str


def disagreements(kept: sa.Connection, derived: sa.Connection) -> Iterator[Disagreement]:
    """Compare a consistent view of a register with one that was made again from the vault; yield every difference."""
    for table in schema.Base.metadata.sorted_tables:
        if table.name not in LEFT_OUT:
            for ours, theirs in _paired(_rows(table, kept), _rows(table, derived)):
                yield from _compared(table.name, ours, theirs)


def _paired(ours: Iterator[Row], theirs: Iterator[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Walk two ordered lists of rows together; a row that only one has comes with None."""
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if one is not None and (other is None or _rank(one[0]) < _rank(other[0])):
            yield one, None
            one = next(ours, None)
        elif other is not None and (one is None or _rank(other[0]) < _rank(one[0])):
            yield None, other
            other = next(theirs, None)
        else:
            yield one, other
            one, other = next(ours, None), next(theirs, None)


def _compared(table: str, ours: Row | None, theirs: Row | None) -> Iterator[Disagreement]:
    if ours is None or theirs is None:
        there = ours or theirs
        assert there is not None  # noqa: S101 - one of both is there; told to the type checker
        if not (table == "pickup" and _is_under_way(there)):
            said = ", ".join(f"{name} {_shown(value)}" for name, value in there[1].items())
            yield Disagreement(table, _named(there[0]), "", said if ours else "", said if theirs else "")
        return
    unseen = _unseen(table, ours, theirs)
    for column, value in ours[1].items():
        derived = theirs[1][column]
        if value != derived and column not in unseen:
            yield Disagreement(table, _named(ours[0]), column, _shown(value), _shown(derived))


def _is_unjudged(clip: dict[str, object]) -> bool:
    """Whether nobody has looked yet at what a clip that is only sealed claims of itself."""
    blank = (clip[column] in {None, 0, "[]", BEFORE_ALL_TIMES, *UNKNOWN} for column in JUDGED)
    return clip["state"] == ClipState.SEALED.value and all(blank)


def _unseen(table: str, ours: Row, theirs: Row) -> frozenset[str]:
    """Return the columns that the ledger does not tell of a row."""
    if table == "clip" and _is_unjudged(ours[1]):
        return JUDGED
    if table == "pickup" and _is_under_way(ours) and _is_under_way(theirs):
        return HOW_FAR
    return frozenset()


def _is_under_way(pickup: Row) -> bool:
    """Whether a watched file is neither sealed nor failed: one that the register alone knows of, or has let go of."""
    return pickup[1]["state"] in UNDER_WAY


def _rows(table: sa.Table, connection: sa.Connection) -> Iterator[Row]:
    """Yield rows in the order of their keys, which both registers share."""
    plain = sa.table(table.name, *(sa.column(column.name) for column in table.columns))
    number = {**SURROGATES, **ORDERED}.get(table.name)
    keys = [] if number else [column.name for column in table.primary_key.columns]
    cells = [column.name for column in table.columns if column.name not in {number, *keys}]
    chosen = [plain.c[name] for name in (*keys, *cells)]
    order = [plain.c.finding_id, plain.c[number]] if table.name in ORDERED and number else chosen
    found = connection.execution_options(yield_per=1000).execute(sa.select(*chosen).order_by(*order))
    rows = ((tuple(row[: len(keys)]), dict(zip(cells, row[len(keys) :], strict=True))) for row in found)
    if table.name in ORDERED:
        return _placed(rows)
    return ((tuple(cells.values()), cells) for _, cells in rows) if number else rows


def _placed(rows: Iterator[Row]) -> Iterator[Row]:
    """Key the steps of a finding's life by the finding and their place in it."""
    for finding_id, steps in groupby(rows, key=lambda row: row[1]["finding_id"]):
        for place, (_, cells) in enumerate(steps):
            yield (finding_id, place), cells


def _rank(key: Key) -> tuple[tuple[bool, object], ...]:
    """Return what keys are ordered by: as the database does, missing values first."""
    return tuple((value is not None, value if value is not None else 0) for value in key)


def _named(key: Key) -> str:
    return " ".join(_shown(value) for value in key)


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
