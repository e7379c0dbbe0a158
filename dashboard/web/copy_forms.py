"""What the forms on copies for parties send; every field may be missing, the desk says what it needs."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dashboard.copies import Asked
from dashboard.web.pages import clean_name, is_person
from dashboard.web.queries import Query
from evidence.copies import OPEN, CopyState, Handing
from evidence.errors import UsageError
from evidence.notes import note
from index.copies import CopyFilter


class Extent(StrEnum):
    """How much of a case is asked for."""

    WHOLE = "whole"
    CHOSEN = "chosen"


class CopyQuery(Query):
    """Filters of the list. ``state`` is "" (open), "all", or one state."""

    state: CopyState | Literal["", "all"] = ""
    case: str = ""

    def wanted(self, limit: int) -> CopyFilter:
        """Return the filter the register takes."""
        if isinstance(self.state, CopyState):
            return CopyFilter(frozenset({self.state}), self.case.strip(), limit, self.offset)
        return CopyFilter(None if self.state else OPEN, self.case.strip(), limit, self.offset)


class Form(BaseModel):
    """What all forms have in common."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    actor: str = ""
    reason: str = ""

    def person(self) -> str:
        """Return who acts.

        Raises:
            UsageError: no name was given.
        """
        name = clean_name(self.actor)
        if not is_person(name):
            cure, told = "fill in your own name", note("form.needs_actor")
            raise UsageError("an act needs the name of the person who does it", cure=cure, reason=told)
        return name


class RequestForm(Form):
    """A request that is taken in."""

    case_no: str = ""
    applicant: str = ""
    ground: str = ""
    purpose: str = ""
    identified: str = ""
    checked_by: str = ""
    extent: Extent = Extent.WHOLE
    step: list[str] = []
    clip: list[str] = []

    def asked(self) -> Asked:
        """Return what it asks for.

        Raises:
            UsageError: parts were to be chosen, and none was.
        """
        some = self.extent is Extent.CHOSEN
        if some and not (self.step or self.clip):
            cure, told = "tick what is asked for, or choose the whole case", note("copies.nothing_chosen")
            raise UsageError("nothing was chosen", cure=cure, reason=told)
        clips, steps = (self.clip, self.step) if some else ([], [])
        said = (self.applicant, self.ground, self.purpose, self.identified, self.checked_by)
        return Asked(self.case_no, *said, tuple(clips), tuple(steps))


class ApproveForm(Form):
    """A request that is granted."""

    free: list[str] = []
    leave_out: bool = False


class PrepareForm(Form):
    """A folder that is to be made."""

    originals: bool = False


class HandOverForm(Form):
    """Copies that are handed over."""

    receipt: str = ""
    receiver: str = ""
    shown: str = ""

    @property
    def handing(self) -> Handing:
        """What is said of it."""
        return Handing(self.receipt.strip(), self.receiver.strip(), self.shown.strip())
