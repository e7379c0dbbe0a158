"""Marks on footage: moments a reviewer names so that others find them, by the templates of the law pack or freely.

A mark is a working aid: one that is set says where to look, one that is not set proves nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from evidence.clock import ClockJudgement, ClockVerdict
from evidence.errors import UsageError
from evidence.ids import Digest

LONGEST_TEXT = 500
PLACES = 3
"""Decimals of media time that are kept: milliseconds."""


@dataclass(frozen=True)
class MarkTemplate:
    """A mark that reviewers are offered.

    Attributes:
        names: locale → name.
        procedures: codes it is offered for; none is all of them.
        numbered: there may be several, and they are counted (sampling points).
    """

    code: str
    names: Mapping[str, str]
    article: str
    quote: str
    procedures: tuple[str, ...] = ()
    numbered: bool = False

    def fits(self, procedure: str) -> bool:
        """Whether it is offered for a procedure."""
        return not self.procedures or procedure in self.procedures


@dataclass(frozen=True)
class MarkWish:
    """What a person wants to mark.

    Attributes:
        at_s: media time in seconds from the first frame.
        template: code, empty for one in the person's own words, which ``text`` then holds.
        number: which of several; 0 takes the next.

    Raises:
        UsageError: no moment, nothing named, or words that are too long.
    """

    digest: Digest
    at_s: float
    template: str = ""
    text: str = ""
    note: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        """Refuse what marks nothing."""
        if not isfinite(self.at_s) or self.at_s < 0 or self.number < 0:
            raise UsageError("is no moment of a clip", subject=str(self.at_s), cure="give seconds from its beginning")
        if not self.template and not self.text.strip():
            cure = "choose a template, or say in your own words what is to be seen"
            raise UsageError("a mark needs a template or words", cure=cure)
        if max(len(self.text), len(self.note)) > LONGEST_TEXT:
            raise UsageError(f"is longer than {LONGEST_TEXT} characters", subject="text of a mark", cure="shorten it")


@dataclass(frozen=True)
class Mark:
    """A mark as it stands.

    Attributes:
        marker_id: number of the ledger entry that set it.
        number: which of several; 0 where the mark is not counted.
        withdrawn_at: None while it stands; it stays for ever.
    """

    marker_id: int
    digest: Digest
    at_s: float
    template: str
    number: int
    text: str
    note: str
    actor: str
    set_at: datetime
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None
    withdraw_reason: str = ""


@dataclass(frozen=True)
class MarkView:
    """A mark with what its clip's judged clock makes of it.

    Attributes:
        names: of its template, by locale; empty of a free one.
        real_at: the moment in real time, UTC; None while no time of the clip is judged.
        uncertainty_s: real time lies within ± this; None where nothing bounds it.
        clock: how far that time is believed.
    """

    mark: Mark
    names: Mapping[str, str]
    real_at: datetime | None
    uncertainty_s: float | None
    clock: ClockVerdict


@dataclass(frozen=True)
class Checked:
    """A line of a reviewer's checklist: a template, and the marks of it that are set."""

    template: MarkTemplate
    marks: tuple[MarkView, ...]


def mark_view(mark: Mark, clock: ClockJudgement, templates: Mapping[str, MarkTemplate]) -> MarkView:
    """Return a mark with its moment on the judged clock."""
    template = templates.get(mark.template)
    real_at = clock.span.start + timedelta(seconds=mark.at_s) if clock.span is not None else None
    return MarkView(mark, template.names if template else {}, real_at, clock.uncertainty_s, clock.verdict)


def offered(templates: Mapping[str, MarkTemplate], procedures: Iterable[str]) -> list[MarkTemplate]:
    """Return the templates for footage of procedures, in the pack's order; all of them where none is known."""
    known = list(procedures)
    return [one for one in templates.values() if not known or any(one.fits(code) for code in known)]


def checklist(templates: Mapping[str, MarkTemplate], procedure: str, marks: Sequence[MarkView]) -> tuple[Checked, ...]:
    """Return which of a procedure's marks are set and which are not yet."""
    return tuple(
        Checked(one, tuple(view for view in marks if view.mark.template == one.code))
        for one in templates.values()
        if one.fits(procedure)
    )


def media_time(text: str) -> float:
    """Read a media time: seconds, ``m:ss`` or ``h:mm:ss``, with decimals.

    Raises:
        UsageError: it is none.
    """
    parts = text.strip().split(":")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if not 1 <= len(values) <= 3 or any(not isfinite(one) or one < 0 for one in values):  # noqa: PLR2004 - h, m, s
        raise UsageError("is no media time", subject=text[:40], cure="write seconds, m:ss or h:mm:ss")
    at_s = 0.0
    for value in values:
        at_s = at_s * 60 + value
    return round(at_s, PLACES)
