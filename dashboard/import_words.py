"""What is said of an import: its verdicts and its diff, as JSON and as people read a cell."""

from collections.abc import Sequence

from dashboard.records import Imported
from dashboard.texts import Texts, visible
from evidence.changes import Cell, Diff, diff_json
from evidence.views import Words
from evidence.zones import from_iso
from ingest.records import COLUMNS, Noun, Verdict

TIMES = frozenset(
    {"from", "to", "valid_from", "valid_to", "opened_at", "urgent_at", "concluded_at", "started_at", "ended_at"}
)
"""Columns that hold a time, UTC in a form, Beijing time on the screen."""


def verdict_json(words: Words, verdict: Verdict) -> dict[str, object]:
    """Return the documented JSON of a verdict."""
    return {
        "line": verdict.line,
        "column": verdict.column,
        "value": verdict.value,
        "code": verdict.what.code.removeprefix("import."),
        "what": words(verdict.what),
        "cure": words(verdict.cure),
        "weight": verdict.weight.value,
    }


def refused_json(words: Words, verdicts: Sequence[Verdict]) -> dict[str, object]:
    """Return the documented JSON of a file that was refused."""
    nothing = {"imported": 0, "entry": None, **diff_json(Diff())}
    return {"import": {**nothing, "verdicts": [verdict_json(words, verdict) for verdict in verdicts]}}


def imported_json(words: Words, done: Imported) -> dict[str, object]:
    """Return the documented JSON of a file that was taken in, or would be."""
    verdicts = [verdict_json(words, verdict) for verdict in done.warnings]
    said = {"imported": done.count, "rows": done.rows, "sha256": done.digest, "entry": done.entry}
    return {"import": {**said, **diff_json(done.diff), "verdicts": verdicts}}


def shown_cell(texts: Texts, column: str, cell: Cell) -> str:
    """Return what a column says as people read it; an empty one as a dash."""
    if cell is None or cell in ("", []):
        return "–"
    if isinstance(cell, list):
        return "; ".join(visible(each) for each in cell)
    return texts.at(from_iso(cell)) if column in TIMES else visible(cell)


def shown_key(texts: Texts, noun: str, key: str) -> str:
    """Return what names a record as people read it."""
    if noun != Noun.ASSIGNMENTS:
        return visible(key)
    device, _, since = key.rpartition(" ")
    return f"{visible(device)} · {texts.at(from_iso(since))}"


def shown_column(texts: Texts, noun: str, column: str) -> str:
    """Return a column under the heading people know it by in their language."""
    if column == "official_no":  # a file says it by naming both numbers, not in a column of its own
        return f"{texts.t('case.official_number')} {column}"
    known = COLUMNS[Noun(noun)].get(column)
    in_chinese = texts.locale == "zh-CN" and known is not None and known.headings
    return f"{known.headings[0]} {column}" if in_chinese and known else visible(column)
