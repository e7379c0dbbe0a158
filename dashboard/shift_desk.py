"""Where a named person decides on a suspected shift, by its name, and hears what moved."""

from dataclasses import dataclass

from dashboard.web.services import ShiftDecided
from evidence.clock import Proposal
from evidence.shift_names import must_be_decidable, proposal_named
from evidence.views import Library


@dataclass(frozen=True)
class Outcome:
    """What was decided. ``moved``: how many of the proposal's files begin at another time since."""

    proposal: Proposal
    moved: int


class ShiftDesk:
    """Decides on proposals of one register."""

    def __init__(self, library: Library, decide_shift: ShiftDecided) -> None:
        """Read in ``library``, decide by ``decide_shift``."""
        self._library = library
        self._decide = decide_shift

    def decide(self, name: str, actor: str, reason: str, *, confirm: bool) -> Outcome:
        """Confirm or refuse the proposal of that name.

        Raises:
            NotFoundError: it waits no more. UsageError: a record's times are off, or name or reason are missing.
        """
        proposal = proposal_named(self._library.shift_proposals(), name)
        must_be_decidable(proposal, confirm=confirm)
        before = self._library.clips_by_digest(proposal.files)
        self._decide(proposal.shift, actor, reason, confirm=confirm)
        after = self._library.clips_by_digest(proposal.files)
        moved = sum(clip.clock.start != after[digest].clock.start for digest, clip in before.items() if digest in after)
        return Outcome(proposal, moved)
