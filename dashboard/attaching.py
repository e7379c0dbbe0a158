"""Attaching files to text records: sealed first as everything is, then attached by a decision."""

from collections.abc import Callable
from pathlib import Path

from dashboard.handed_in import Wanted
from dashboard.wiring import House
from evidence.attachments import Attachment
from evidence.documents import DOCUMENT_STATION
from evidence.errors import NotFoundError, SourceUnreadableError, UsageError
from evidence.ids import Digest
from evidence.ports import Pickup
from index.attachments import SHORTEST_PREFIX, Place, require_signers
from ingest.pickups import pickup_of

Seal = Callable[[Pickup], Digest]
"""Seals a file and returns its digest; raises SourceUnreadableError when it cannot be sealed."""

WHOLE_CASE = "-"
"""How people write, where a step is asked for, that they mean the case as a whole."""


def attach_file(house: House, wanted: Wanted, file: Path, seal: Seal, actor: str, reason: str) -> Attachment:
    """Seal a file and attach it; what cannot be attached is not sealed either.

    Raises:
        UsageError: no reason, no such place, or an unknown role. NotFoundError: no such case or step.
        SourceUnreadableError: the file cannot be read.
    """
    if not reason.strip():
        raise UsageError("a decision needs a reason", subject="attach", cure="say why in a sentence")
    require_signers(wanted.signed_by)
    place = place_for(house, wanted)
    path = file.expanduser().absolute()
    digest = seal(pickup_of(DOCUMENT_STATION, path.parent, path))
    made = _attachment(place, digest, wanted)
    house.human.attach(made, actor, reason)
    return made


def detach_file(house: House, wanted: Wanted, digest: str, actor: str, reason: str) -> Attachment:
    """Take an attached file off; file and decisions stay.

    Raises:
        UsageError: no reason, or a place the procedure does not have. NotFoundError: it is not attached there.
    """
    prefix = digest.strip().lower()
    named = _named_exactly(house, wanted, prefix)
    held = named or house.case_files.standing(place_for(house, wanted), prefix)
    house.human.detach(held, actor, reason)
    return held


def _named_exactly(house: House, wanted: Wanted, prefix: str) -> Attachment | None:
    """Return the file under the very name given, also where the procedure asks for no such record any more."""
    there = [one.attachment for one in house.case_files.attachments(wanted.case_no)]
    step_no = step_of(wanted)
    mine = [
        one
        for one in there
        if (one.active, one.step_no, one.slot) == (True, step_no, wanted.slot)
        and wanted.document_no in {None, one.document_no}
        and one.digest.startswith(prefix)
    ]
    return mine[0] if len(mine) == 1 and len(prefix) >= SHORTEST_PREFIX else None


def step_of(wanted: Wanted) -> str:
    """Return the step a person means; empty for the case as a whole."""
    return "" if wanted.step_no == WHOLE_CASE else wanted.step_no


def place_for(house: House, wanted: Wanted) -> Place:
    """Return the text record a person means. Raises as `attach_file` does."""
    return house.case_files.place(wanted.case_no, step_of(wanted), wanted.slot, wanted.document_no)


def sealed_digest(house: House, pickup: Pickup) -> Digest | None:
    """Return the digest of a file that was handed in, None while it is on its way.

    Raises:
        SourceUnreadableError: it could not be sealed. NotFoundError: nobody handed it in.
    """
    outcome = house.library.outcomes([pickup.key]).get(pickup.key)
    if outcome is None:
        raise NotFoundError("was not handed in", subject=pickup.source_path, cure="attach it again")
    if outcome.digest is None and outcome.reason is not None:
        said = house.texts.say(outcome.reason)
        raise SourceUnreadableError(said, subject=pickup.source_path, cure="see what it says, and attach it again")
    return outcome.digest


def _attachment(place: Place, digest: Digest, wanted: Wanted) -> Attachment:
    return Attachment(
        place.case_no,
        place.step_no,
        place.slot,
        place.document_no,
        digest,
        wanted.title.strip(),
        wanted.dated_at,
        tuple(dict.fromkeys(wanted.signed_by)),
    )
