"""Claiming with a reason of the list: what shows it is sealed first, as every file is, then the claim is decided."""

from collections.abc import Sequence
from pathlib import Path

from dashboard.attaching import Seal
from dashboard.wiring import House
from evidence.documents import DOCUMENT_STATION
from evidence.ids import CaseNo, Digest, FindingId, StepNo
from evidence.reasons import GivenReason, chosen
from ingest.pickups import pickup_of

Target = FindingId | tuple[CaseNo, StepNo]


def claim(
    house: House, target: Target, code: str, note: str, files: Sequence[Path], seal: Seal, actor: str
) -> GivenReason:
    """Explain a finding, or claim that recording a step was not suitable; what cannot be claimed is not sealed either.

    ``code`` is the reason's code, or its words; ``files`` show why, and are only read.

    Raises:
        UsageError: the reason does not fit or lacks its note or file, or nothing can be claimed there.
        NotFoundError: no such finding or step. SourceUnreadableError: a file cannot be read.
    """
    subject = "/".join(target) if isinstance(target, tuple) else target
    reason = chosen(house.human.fitting(target), code, note, with_files=bool(files), subject=subject)
    given = GivenReason(reason.code, note, tuple(sealed(file, seal) for file in files))
    if isinstance(target, tuple):
        house.human.exempt(*target, actor, given)
    else:
        house.human.explain(target, actor, given)
    return given


def sealed(file: Path, seal: Seal) -> Digest:
    """Seal a file that shows why; return its digest. Raises SourceUnreadableError."""
    path = file.expanduser().absolute()
    return seal(pickup_of(DOCUMENT_STATION, path.parent, path))
