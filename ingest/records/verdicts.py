"""Verdicts on the rows of an imported file: where, what was written there, what is wrong, and the cure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evidence.errors import ImportRefusedError
from evidence.notes import Note, Parameter, note

SHOWN_CHARACTERS = 80
"""How much of a wrong value a verdict repeats."""


class Weight(StrEnum):
    """Whether a verdict stops the import."""

    REFUSED = "refused"
    WARNING = "warning"


@dataclass(frozen=True)
class Verdict:
    """What is to be said of one cell, or of one row when ``column`` is empty.

    Attributes:
        line: row of the sheet, line of the text file, or place in the JSON list, from 1; 0 is the file as a whole.
        what: ``import.…``; cure: ``import.cure.…``.
    """

    line: int
    column: str
    value: str
    what: Note
    cure: Note
    weight: Weight = Weight.REFUSED


def verdict(
    line: int,
    column: str,
    value: object,
    code: str,
    *,
    cure: str,
    weight: Weight = Weight.REFUSED,
    **params: Parameter,
) -> Verdict:
    """Return a verdict; both notes know line, column, value and the further parameters."""
    return _verdict(line, column, value, (code, cure), weight, params)


def _verdict(
    line: int, column: str, value: object, codes: tuple[str, str], weight: Weight, params: Mapping[str, Parameter]
) -> Verdict:
    text = shown(value)
    known: dict[str, Parameter] = {"line": line, "column": column, "value": text, **params}
    what, cure = note(f"import.{codes[0]}", **known), note(f"import.cure.{codes[1]}", **known)
    return Verdict(line, column, text, what, cure, weight)


def shown(value: object) -> str:
    """Return how a verdict repeats a value."""
    text = "" if value is None else str(value).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


class FileRefusedError(Exception):
    """The file as a whole cannot be read; carries the one verdict that says why."""

    def __init__(self, why: Verdict) -> None:
        super().__init__(why.what.code)
        self.why = why


def file_refused(value: object, code: str, cure: str, **params: Parameter) -> FileRefusedError:
    """Return the refusal of a file as a whole."""
    return FileRefusedError(_verdict(0, "", value, (code, cure), Weight.REFUSED, params))


class RowsRefusedError(ImportRefusedError):
    """Rows of a file cannot be taken, so nothing of it was imported.

    Attributes:
        verdicts: every verdict, refusals and warnings, in order of line.
    """

    def __init__(self, subject: str, verdicts: tuple[Verdict, ...]) -> None:
        refused = [each for each in verdicts if each.weight is Weight.REFUSED]
        first = refused[0]
        where = ", ".join(part for part in (f"line {first.line}" if first.line else "", first.column) if part)
        super().__init__(
            f"{len(refused)} {'value' if len(refused) == 1 else 'values'} cannot be taken; nothing was imported",
            subject=subject,
            cure=f"mend {where or 'the file'} ({first.what.code}) and what else is listed, then import it again",
        )
        self.verdicts = verdicts
