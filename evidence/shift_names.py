"""Short names of the shifts that wait for a person, so that one can be pointed at from a page or a command line."""

import hashlib
import json
from collections.abc import Sequence

from evidence.clock import Proposal
from evidence.clock_views import proposal_json
from evidence.errors import NotFoundError, UsageError
from evidence.zones import exact_iso

NAME_LENGTH = 8


def shift_id(proposal: Proposal) -> str:
    """Return the name of a proposal: eight hex digits over all that a decision on it would say.

    It stays as long as scope, target, shift and stretch stay, whatever files come in between. When a file outside the
    stretch comes, the name is another one: nobody decides on more than they were shown.
    """
    said = (
        proposal.scope.value,
        proposal.target,
        round(proposal.shift_s),
        exact_iso(proposal.since),
        exact_iso(proposal.until),
        proposal.of_record,
    )
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return hashlib.sha256(body).hexdigest()[:NAME_LENGTH]


def proposal_named(proposals: Sequence[Proposal], name: str) -> Proposal:
    """Return the proposal of that name.

    Raises:
        NotFoundError: none waits under it (any more).
    """
    found = next((one for one in proposals if shift_id(one) == name), None)
    if found is None:
        cure = "it was decided, or files came that changed it: look at the list again"
        raise NotFoundError("no suspected shift of that name waits", subject=name, cure=cure)
    return found


def must_be_decidable(proposal: Proposal, *, confirm: bool) -> None:
    """See that a proposal can be decided so.

    Raises:
        UsageError: a record's times are off, so that there is no clock to correct.
    """
    if confirm and proposal.of_record:
        cure = "import the record again with the right times, or refuse the suspicion"
        raise UsageError("the cameras' clocks were seen to be right", subject=shift_id(proposal), cure=cure)


def shift_json(proposal: Proposal) -> dict[str, object]:
    """Return the documented JSON of a proposal, its name first."""
    return {"shift_id": shift_id(proposal), **proposal_json(proposal)}
