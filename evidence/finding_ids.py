"""How a finding gets a name that stays the same however often the audit runs."""

import hashlib

from evidence.findings import FindingKind
from evidence.ids import FindingId


def finding_id(kind: FindingKind, *subject: str) -> FindingId:
    r"""Return the name of the finding of this kind about this subject.

    The subject is what makes the matter this one: case and step for NO_AV, the edges and NOT_CONTINUOUS_VIDEO; case,
    step and the clip before the break for a HOLE; the clip for a clip's findings; device and the file before the jump
    for SEQ_JUMP. Times, thresholds and other clips are no part of it: correcting them keeps the finding and its life.

    Args:
        kind: the kind of finding.
        subject: names, joined with a unit separator (``\x1f``), which no name holds.
    """
    return FindingId(hashlib.sha256("\x1f".join((kind, *subject)).encode()).hexdigest()[:16])
